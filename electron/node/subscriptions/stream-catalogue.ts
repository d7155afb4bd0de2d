import { TidemarkError } from '../../../shared/errors.ts'
import { parseStreamPartId, streamPartId } from '../../../shared/message.ts'
import type {
  SchemaCount,
  StreamDetails,
  StreamOverview,
  StreamSearchResult,
} from '../../../shared/stream.ts'
import { VERDICTS, type Verdict } from '../../../shared/verdict.ts'
import type {
  Clock,
  Logger,
  MessageSource,
  MessageStore,
  PartStatistics,
  StoredNotice,
  StreamDirectory,
  StreamRecord,
} from '../ports.ts'
import { RateMeter } from './rate-meter.ts'

const SPARKLINE_BUCKETS = 60
const SPARKLINE_BUCKET_MS = 10_000
const SEARCH_LIMIT = 50
/** Joining a stream part needs the overlay network; longer than this it is told as a problem and tried again. */
const JOIN_TIMEOUT_MS = 30_000

export interface Subscription {
  streamId: string
  partition: number
}

/** Where subscriptions are kept; on disk when `save` resolves. */
export interface SubscriptionList {
  load(): readonly Subscription[]
  save(subscriptions: readonly Subscription[]): Promise<void>
}

export interface StreamCatalogue {
  /** Every stream part that is subscribed or has messages. */
  list(): Promise<StreamOverview[]>
  /**
   * Starts keeping a stream part. It is remembered before the network is joined, so a crash forgets nothing.
   * @throws TidemarkError `stream-not-found`, `stream-already-subscribed`, `invalid-input`
   */
  subscribe(streamId: string, partition: number, signal?: AbortSignal): Promise<{ part: string }>
  /** Stops keeping a stream part; what was stored stays. */
  unsubscribe(part: string): Promise<void>
  details(part: string, signal?: AbortSignal): Promise<StreamDetails>
  search(term: string, signal?: AbortSignal): Promise<StreamSearchResult>
  /** Joins every remembered part; problems are kept beside the part and do not stop the others. */
  resume(signal?: AbortSignal): Promise<void>
  /** To be called for every durable append. */
  stored(notice: StoredNotice): void
  subscribed(): string[]
}

export interface StreamCatalogueOptions {
  store: MessageStore
  source: Pick<MessageSource, 'subscribe' | 'unsubscribe'>
  directory: StreamDirectory
  /** Why a search does not reach all streams of the registry now, in words; null when it does. */
  searchLimits: () => string | null
  /**
   * Asks the chain itself about a stream the directory does not have: it may be seconds old. Null when it is not there.
   * @throws TidemarkError `rpc-unreachable`
   */
  lookUp: (streamId: string) => Promise<StreamRecord | null>
  /** Messages of a part that the schema of its stream does not allow, as far as they are counted; null without one. */
  notBySchema?: (part: string) => SchemaCount | null
  subscriptions: SubscriptionList
  /** This node's address, lower-case 0x hex: whose right to read is looked at. */
  address: string
  /** Stream parts this node publishes itself. */
  ownParts: ReadonlySet<string>
  /** How many other nodes are known to hold something of a part. Default: none. */
  otherHolders?: (part: string) => number
  onChange: () => void
  clock: Clock
  logger: Logger
}

/** The grantee that stands for everybody in Streamr's registry. */
const PUBLIC_GRANTEE = '0x0000000000000000000000000000000000000000'

type Problem = { message: string; remedy: string }

const noVerdicts = (): Record<Verdict, number> =>
  Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>

function emptyStatistics(part: string): PartStatistics {
  return {
    part,
    messages: 0,
    sizeBytes: 0,
    verdicts: noVerdicts(),
    equivocations: 0,
    gaps: 0,
    dropped: 0,
    firstTimestamp: null,
    lastTimestamp: null,
    lastReceivedAt: null,
    publishers: 0,
  }
}

function descriptionOf(record: StreamRecord | null): string {
  const description = record?.metadata.description
  return typeof description === 'string' ? description.slice(0, 200) : ''
}

/** A title a person can tell apart: the description, else the path after the owner's address. */
export function streamTitle(streamId: string, record: StreamRecord | null): string {
  return descriptionOf(record) || streamId.replace(/^[^/]+\//, '') || streamId
}

class Catalogue implements StreamCatalogue {
  readonly #options: StreamCatalogueOptions
  readonly #rates = new Map<string, RateMeter>()
  readonly #problems = new Map<string, Problem>()
  readonly #parts: Set<string>

  constructor(options: StreamCatalogueOptions) {
    this.#options = options
    this.#parts = new Set(options.subscriptions.load().map((s) => streamPartId(s.streamId, s.partition)))
  }

  subscribed(): string[] {
    return [...this.#parts]
  }

  stored(notice: StoredNotice): void {
    let meter = this.#rates.get(notice.part)
    if (meter === undefined) {
      meter = new RateMeter()
      this.#rates.set(notice.part, meter)
    }
    meter.add(notice.stored, this.#options.clock.now())
  }

  async list(): Promise<StreamOverview[]> {
    const statistics = new Map((await this.#options.store.statistics()).map((entry) => [entry.part, entry]))
    for (const part of this.#parts) if (!statistics.has(part)) statistics.set(part, emptyStatistics(part))
    return Promise.all([...statistics.values()].map((entry) => this.#overview(entry)))
  }

  async #overview(entry: PartStatistics): Promise<StreamOverview> {
    const { streamId, partition } = parseStreamPartId(entry.part)
    const now = this.#options.clock.now()
    const [record, recent, unreadable] = await Promise.all([
      this.#options.directory.stream(streamId),
      this.#recent(entry.part, now),
      this.#parts.has(entry.part) ? this.#missingRight(streamId) : null,
    ])
    const { dropped: _dropped, ...shown } = entry
    return {
      ...shown,
      streamId,
      partition,
      title: streamTitle(streamId, record),
      subscribed: this.#parts.has(entry.part),
      own: this.#options.ownParts.has(entry.part),
      ratePerSecond: this.#rates.get(entry.part)?.perSecond(now) ?? 0,
      sparkline: recent.counts,
      sparklineGaps: recent.gaps,
      notBySchema: this.#options.notBySchema?.(entry.part) ?? null,
      holders: (entry.messages > 0 ? 1 : 0) + (this.#options.otherHolders?.(entry.part) ?? 0),
      problem: this.#problems.get(entry.part) ?? unreadable,
    }
  }

  /** Without the right to subscribe, publishers do not share their keys: what arrives can be checked, not read. */
  async #missingRight(streamId: string): Promise<Problem | null> {
    const permissions = await this.#options.directory.permissions(streamId)
    // Nothing is known of the stream yet: that says nothing about rights.
    if (permissions.length === 0) return null
    const readers = new Set(permissions.filter((one) => one.canSubscribe).map((one) => one.publisher))
    if (readers.has(this.#options.address) || readers.has(PUBLIC_GRANTEE)) return null
    return {
      message:
        'This node has no permission to subscribe: messages are stored and verified, but encrypted ones stay closed.',
      remedy: `Ask the stream’s owner to grant “subscribe” to ${this.#options.address}.`,
    }
  }

  /** What came in the last minutes, and what is known to be missing there. */
  async #recent(part: string, now: number): Promise<{ counts: number[]; gaps: number[] }> {
    const newest = Math.floor(now / SPARKLINE_BUCKET_MS)
    const oldest = newest - SPARKLINE_BUCKETS + 1
    const window = await this.#options.store.timeline(
      part,
      oldest * SPARKLINE_BUCKET_MS,
      (newest + 1) * SPARKLINE_BUCKET_MS - 1,
      // One more than are drawn: a window may cut a bucket at each of its ends.
      SPARKLINE_BUCKETS + 1,
    )
    const counts = new Array<number>(SPARKLINE_BUCKETS).fill(0)
    const gaps = new Array<number>(SPARKLINE_BUCKETS).fill(0)
    for (const bucket of window.buckets) {
      const index = Math.floor(bucket.from / SPARKLINE_BUCKET_MS) - oldest
      if (index < 0 || index >= counts.length) continue
      counts[index] = (counts[index] ?? 0) + bucket.count
      gaps[index] = (gaps[index] ?? 0) + bucket.gaps
    }
    return { counts, gaps }
  }

  async subscribe(streamId: string, partition: number, signal?: AbortSignal): Promise<{ part: string }> {
    const part = streamPartId(streamId, partition)
    if (this.#parts.has(part)) {
      throw new TidemarkError(
        'stream-already-subscribed',
        `${part} is already subscribed.`,
        'Open it from the Overview.',
      )
    }
    const record =
      (await this.#options.directory.stream(streamId, signal)) ?? (await this.#options.lookUp(streamId))
    if (record === null) {
      throw new TidemarkError(
        'stream-not-found',
        `There is no stream "${streamId}" in this environment's registry.`,
        'Check the id for typing errors, or search for the stream by a part of its name.',
      )
    }
    if (partition >= record.partitions) {
      throw new TidemarkError(
        'invalid-input',
        `The stream has ${record.partitions} partition${record.partitions === 1 ? '' : 's'}, numbered from 0; there is no partition ${partition}.`,
        `Choose a partition from 0 to ${record.partitions - 1}.`,
      )
    }
    this.#parts.add(part)
    await this.#save()
    this.#options.onChange()
    await this.#join(part)
    return { part }
  }

  async unsubscribe(part: string): Promise<void> {
    if (!this.#parts.delete(part)) return
    await this.#save()
    this.#problems.delete(part)
    await this.#options.source.unsubscribe(part)
    this.#options.onChange()
  }

  async details(part: string, signal?: AbortSignal): Promise<StreamDetails> {
    const { streamId, partition } = parseStreamPartId(part)
    const [record, permissions, publishers] = await Promise.all([
      this.#options.directory.stream(streamId, signal),
      this.#options.directory.permissions(streamId, signal),
      this.#options.store.publishers(part),
    ])
    return {
      part,
      streamId,
      partition,
      partitions: record?.partitions ?? null,
      metadata: record?.metadata ?? {},
      permissions,
      publishers,
    }
  }

  async search(term: string, signal?: AbortSignal): Promise<StreamSearchResult> {
    const records = await this.#options.directory.search(term, SEARCH_LIMIT, signal)
    const hits = records.map((record) => ({
      id: record.id,
      description: descriptionOf(record),
      partitions: record.partitions,
    }))
    return { hits, limits: this.#options.searchLimits() }
  }

  async resume(signal?: AbortSignal): Promise<void> {
    for (const part of this.#parts) {
      if (signal?.aborted) return
      await this.#join(part)
    }
  }

  async #join(part: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('joining took too long')), JOIN_TIMEOUT_MS)
    })
    try {
      await Promise.race([this.#options.source.subscribe(part), deadline])
      this.#problems.delete(part)
    } catch (error) {
      this.#options.logger.warn({ part, error }, 'could not join the stream part')
      this.#problems.set(part, {
        message: 'The stream could not be joined on the network; nothing new arrives for now.',
        remedy:
          'Stored history is unaffected. Check the connection in the status bar, then unsubscribe and subscribe again.',
      })
    } finally {
      clearTimeout(timer)
      this.#options.onChange()
    }
  }

  async #save(): Promise<void> {
    await this.#options.subscriptions.save([...this.#parts].map(parseStreamPartId))
  }
}

export function createStreamCatalogue(options: StreamCatalogueOptions): StreamCatalogue {
  return new Catalogue(options)
}
