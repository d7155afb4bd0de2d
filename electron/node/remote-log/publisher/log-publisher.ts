import { TidemarkError } from '../../../../shared/errors.ts'
import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock, Logger } from '../../ports.ts'
import { type Address, addressOf, formatAddress } from '../address.ts'
import type { Database } from '../database/database.ts'
import { RemoteLogError } from '../errors.ts'
import { isSameBytes, toHex } from '../hex.ts'
import { assertNameValid } from '../log-name.ts'
import type { ContentStore, LogEntry, LogSource, NameSystem } from '../ports.ts'
import { withRetries } from '../retry.ts'
import { encodeMvdsMessage, mvdsMessageId, wrapStreamMessage } from '../wire/mvds-message.ts'
import { decodeHead, encodeHead } from '../wire/page.ts'
import { type LogSettings, layoutOf } from './layout.ts'
import { planPages } from './plan.ts'
import { type LogFigures, type LogRecord, type NewEntry, PublishedLog } from './published-log.ts'

/** Messages that go into one update of the name, and their bytes: what one step holds in memory. */
const BATCH = { maxEntries: 1_024, maxBytes: 4_194_304 }
/** Pieces handed to the content store at once, and their bytes. */
const UPLOAD_WINDOW = { maxCount: 256, maxBytes: 4_194_304 }
/** A keeper that is away for a moment is waited for; one that stays away is left to the next `publish`. */
const RETRIES = { attempts: 4, firstDelayMs: 200, maxDelayMs: 2_000 }

export interface PublishProgress {
  messages: number
  pendingUploads: number
}

export interface LogStatus extends LogFigures {
  name: string
  part: StreamPartId
  settings: LogSettings
  /** What the name leads to, as far as this node has brought it there. */
  head: { address: string; sizeBytes: number; newest: string; publishedAt: number } | null
  /** The name leads to everything the log holds. */
  isCurrent: boolean
}

/** Where a message stands in a published log. */
export interface Citation {
  name: string
  /** Address of the closed page it is on; null while it is on the head, which the name alone leads to. */
  page: Address | null
  localHash: Uint8Array
  /** Place in the log, counted from 1. */
  number: number
}

export interface LogPublisher {
  /**
   * Publishes everything the source holds by now, in batches; after each the name leads to a whole log. What a
   * crash or an error leaves undone is done by the next call.
   * @throws TidemarkError `remote-log-taken` when the name leads to a log that is not this one
   * @throws {RemoteLogError} when content store or name system stay out of reach
   */
  publish(signal?: AbortSignal): Promise<LogStatus>
  status(): Promise<LogStatus>
  /** @param raw bytes of the stream message */
  cite(timestampMs: number, raw: Uint8Array): Promise<Citation | null>
}

export interface LogPublisherOptions {
  name: string
  /** What the log is called in the file; the name if left out. */
  key?: string
  part: StreamPartId
  settings: LogSettings
  source: LogSource
  content: ContentStore
  names: NameSystem
  /** A file opened with `PUBLISHER_MIGRATIONS`; one for all logs of a node. */
  database: Database
  onProgress?: (progress: PublishProgress) => void
  clock: Clock
  logger: Logger
}

class Publisher implements LogPublisher {
  readonly #options: LogPublisherOptions
  readonly #log: PublishedLog
  #running: Promise<unknown> = Promise.resolve()
  #nameIsChecked = false
  /** The name was seen to lead to something older than what was published last. */
  #nameLags = false

  constructor(options: LogPublisherOptions, log: PublishedLog) {
    this.#options = options
    this.#log = log
  }

  publish(signal?: AbortSignal): Promise<LogStatus> {
    const run = this.#running.then(async () => {
      signal?.throwIfAborted()
      await this.#assertNameIsOurs(signal)
      do await this.#bringUp(signal)
      while ((await this.#planNext(signal)) || (await this.#refreshHead()))
      return this.status()
    })
    this.#running = run.catch(() => undefined)
    return run
  }

  async status(): Promise<LogStatus> {
    const { name, part, settings } = this.#options
    const [record, figures] = await Promise.all([this.#log.record(), this.#log.figures()])
    const { publishedHead, publishedAt, plannedHead } = record
    return {
      ...figures,
      name,
      part,
      settings,
      head:
        publishedHead === null
          ? null
          : {
              address: formatAddress(addressOf(publishedHead)),
              sizeBytes: publishedHead.length,
              newest: newestOf(publishedHead) ?? '',
              publishedAt: publishedAt ?? 0,
            },
      isCurrent: plannedHead === null || isSameBytes(publishedHead, plannedHead),
    }
  }

  async cite(timestampMs: number, raw: Uint8Array): Promise<Citation | null> {
    const localHash = mvdsMessageId(wrapStreamMessage(this.#options.part, timestampMs, raw))
    const number = (await this.#log.numbers([localHash])).get(toHex(localHash))
    if (number === undefined) return null
    return { name: this.#options.name, page: await this.#log.pageOf(number), localHash, number }
  }

  /** Carries out what is planned: content first, the name last, so that the name never leads to what is not there. */
  async #bringUp(signal: AbortSignal | undefined): Promise<void> {
    await this.#uploadAll(signal)
    const { plannedHead, publishedHead } = await this.#log.record()
    if (plannedHead === null || (isSameBytes(plannedHead, publishedHead) && !this.#nameLags)) return
    const { names, name, clock } = this.#options
    await withRetries(() => names.update(name, plannedHead, { signal }), { ...RETRIES, signal })
    await this.#log.published(plannedHead, clock.now())
    this.#nameLags = false
    await this.#reportProgress()
  }

  async #uploadAll(signal: AbortSignal | undefined): Promise<void> {
    const { maxCount, maxBytes } = UPLOAD_WINDOW
    for (;;) {
      signal?.throwIfAborted()
      const uploads = await this.#log.nextUploads(maxCount, maxBytes)
      if (uploads.length === 0) return
      await Promise.all(
        uploads.map(({ content }) =>
          withRetries(() => this.#upload(content, signal), { ...RETRIES, signal }),
        ),
      )
      await this.#log.uploaded(uploads)
      await this.#reportProgress()
    }
  }

  async #upload(content: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const address = await this.#options.content.add(content, { signal })
    if (isSameBytes(address, addressOf(content))) return
    throw new RemoteLogError(
      'store-refused',
      'The content store answered with an address that does not match the content.',
    )
  }

  /** Reads the next batch and plans it. Returns false when the source holds nothing new. */
  async #planNext(signal: AbortSignal | undefined): Promise<boolean> {
    const { source, part, settings, content } = this.#options
    const { position } = await this.#log.record()
    const batch = await source.read(part, position, BATCH, signal)
    const last = batch.at(-1)
    if (last === undefined) return false
    const added = await this.#withoutKnown(batch.map((entry) => wrap(part, entry)))
    if (added.length === 0) {
      await this.#log.skipTo(last.position)
      return true
    }
    const [open, tail, { messages }] = await Promise.all([
      this.#log.openEntries(),
      this.#log.newestPage(),
      this.#log.figures(),
    ])
    const firstNumber = messages + 1
    const entries = added.map((entry, at) => ({ ...entry, number: firstNumber + at, remoteHash: null }))
    const plan = planPages([...open, ...entries], tail, layoutOf(settings))
    const head = encodeHead({ ...plan.head, cas: content.multiaddrs() })
    await this.#log.commitPlan(plan, added, firstNumber, last.position, head)
    return true
  }

  /** Readers are told where the content is; where that has changed, a log that has no news gets a new head all the same. */
  async #refreshHead(): Promise<boolean> {
    const { plannedHead, position } = await this.#log.record()
    if (plannedHead === null) return false
    const cas = this.#options.content.multiaddrs()
    const head = decodeHead(plannedHead)
    if (isSameBytes(plannedHead, encodeHead({ ...head, cas }))) return false
    const [open, tail] = await Promise.all([this.#log.openEntries(), this.#log.newestPage()])
    const plan = planPages(open, tail, layoutOf(this.#options.settings))
    await this.#log.commitPlan(plan, [], 0, position, encodeHead({ ...plan.head, cas }))
    return true
  }

  /** A source may hand a message out twice; a log names it once. */
  async #withoutKnown(entries: readonly NewEntry[]): Promise<NewEntry[]> {
    const known = new Set((await this.#log.numbers(entries.map(({ localHash }) => localHash))).keys())
    return entries.filter(({ localHash }) => {
      const hash = toHex(localHash)
      if (known.has(hash)) return false
      known.add(hash)
      return true
    })
  }

  /** Two nodes that publish different logs under one name would undo each other's work for ever. */
  async #assertNameIsOurs(signal: AbortSignal | undefined): Promise<void> {
    if (this.#nameIsChecked) return
    const { names, name, logger } = this.#options
    const head = await withRetries(() => names.fetch(name, { signal }), { ...RETRIES, signal }).catch(
      (error: unknown) => {
        if (error instanceof RemoteLogError && error.code === 'name-missing') return null
        throw error
      },
    )
    const record = await this.#log.record()
    if (head !== null && !(await this.#isOurHead(head, record))) {
      throw new TidemarkError(
        'remote-log-taken',
        `The name ${name} already leads to another log.`,
        'Publish under another name; or, if the other log is an older one of yours, restore it here first.',
      )
    }
    this.#nameLags = record.publishedHead !== null && !isSameBytes(head, record.publishedHead)
    if (this.#nameLags)
      logger.warn({ name }, 'the name does not lead to what was published last; it will again')
    this.#nameIsChecked = true
  }

  async #isOurHead(head: Uint8Array, record: LogRecord): Promise<boolean> {
    if (isSameBytes(head, record.plannedHead) || isSameBytes(head, record.publishedHead)) return true
    const newest = newestOf(head)
    return newest !== null && (await this.#log.numbers([Buffer.from(newest, 'hex')])).size > 0
  }

  async #reportProgress(): Promise<void> {
    const { onProgress } = this.#options
    if (onProgress === undefined) return
    const { messages, pendingUploads } = await this.#log.figures()
    onProgress({ messages, pendingUploads })
  }
}

function wrap(part: StreamPartId, { timestamp, raw }: LogEntry): NewEntry {
  const message = wrapStreamMessage(part, timestamp, raw)
  return { localHash: mvdsMessageId(message), message: encodeMvdsMessage(message) }
}

/** MVDS id, in hex, of the newest message a head names; null when it is no head. */
function newestOf(head: Uint8Array): string | null {
  try {
    const [newest] = decodeHead(head).pairs
    return newest === undefined ? null : toHex(newest.localHash)
  } catch (error) {
    if (error instanceof RemoteLogError) return null
    throw error
  }
}

/**
 * Opens the log that is published under `name`, or begins one.
 * @throws {RemoteLogError} `name-invalid`
 */
export async function createLogPublisher(options: LogPublisherOptions): Promise<LogPublisher> {
  assertNameValid(options.name)
  return new Publisher(
    options,
    await PublishedLog.open(options.database, options.key ?? options.name, options.part),
  )
}
