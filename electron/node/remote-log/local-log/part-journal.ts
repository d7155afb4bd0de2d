import type { StreamPartId } from '../../../../shared/message.ts'
import { DigestSum } from '../../message/digest-sum.ts'
import { type Span, SpanList } from '../../message/span-list.ts'
import type { MessageStore, StoredMessage } from '../../ports.ts'
import { toHex } from '../hex.ts'
import type { BucketRow, JournalFile, NewJournalEntry } from './journal-file.ts'
import { BUCKET_MS, DAY_MS, LAST_SEQUENCE, MAX_SPANS } from './limits.ts'

export type JournalStore = Pick<MessageStore, 'query' | 'fingerprints' | 'statistics'>

const startOf = (level: number, timestamp: number) => Math.floor(timestamp / level) * level

/**
 * Gives the verified messages of one stream part numbers in the order in which this node stored them. What the
 * store tells after each commit is looked up at once; what a crash left out is found by comparing fingerprints of
 * the store with those of the journal, by day and then by minute, so that nothing is ever missed and little is
 * read twice.
 */
export class PartJournal {
  readonly #part: StreamPartId
  readonly #store: JournalStore
  readonly #file: JournalFile
  readonly #signal: AbortSignal
  readonly #spans = new SpanList(MAX_SPANS)
  #position: number
  #isCompared = false
  #running: Promise<void> | null = null

  constructor(options: {
    part: StreamPartId
    store: JournalStore
    file: JournalFile
    position: number
    signal: AbortSignal
  }) {
    this.#part = options.part
    this.#store = options.store
    this.#file = options.file
    this.#position = options.position
    this.#signal = options.signal
  }

  /** Messages with these timestamps may be new. */
  touched(span: Span): void {
    this.#spans.add(span)
  }

  /** Resolves when everything that was stored before the call has its number. */
  async catchUp(): Promise<void> {
    // What is under way may have begun too early for what was stored since.
    await this.#running
    if (this.#isCompared && this.#spans.size === 0) return
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
    await this.#running
  }

  async #run(): Promise<void> {
    const spans = this.#spans.takeAll()
    try {
      if (!this.#isCompared) {
        await this.#compare(await this.#extent())
        this.#isCompared = true
        return
      }
      for (const span of spans) {
        if (span.to - span.from <= BUCKET_MS) await this.#scan(span)
        else await this.#compare(span)
      }
    } catch (error) {
      for (const span of spans) this.#spans.add(span)
      throw error
    }
  }

  async #extent(): Promise<Span | null> {
    const statistics = (await this.#store.statistics()).find(({ part }) => part === this.#part)
    if (statistics === undefined || statistics.firstTimestamp === null) return null
    return { from: statistics.firstTimestamp, to: statistics.lastTimestamp ?? statistics.firstTimestamp }
  }

  /** Scans the days, and in them the minutes, in which store and journal differ. */
  async #compare(span: Span | null): Promise<void> {
    if (span === null) return
    for (const day of await this.#differing(DAY_MS, span)) {
      const minutes = await this.#differing(BUCKET_MS, { from: day, to: day + DAY_MS - 1 })
      for (const minute of minutes) await this.#rescan(minute)
      await this.#sumUpDay(day)
    }
  }

  async #differing(level: number, { from, to }: Span): Promise<number[]> {
    this.#signal.throwIfAborted()
    const [theirs, ours] = await Promise.all([
      this.#store.fingerprints(this.#part, level, from, to),
      this.#file.buckets(level, startOf(level, from), to),
    ])
    return theirs
      .filter((bucket) => !ours.get(bucket.from)?.equals(bucket.count, bucket.sum))
      .map((bucket) => bucket.from)
  }

  /** Reads a minute whole; its sum becomes that of what the store holds, which retention may have made less. */
  async #rescan(minute: number): Promise<void> {
    const sum = await this.#scan({ from: minute, to: minute + BUCKET_MS - 1 })
    await this.#file.saveBuckets([{ level: BUCKET_MS, start: minute, sum }])
  }

  async #sumUpDay(day: number): Promise<void> {
    const sum = new DigestSum()
    for (const minute of (await this.#file.buckets(BUCKET_MS, day, day + DAY_MS - 1)).values())
      sum.addAll(minute)
    await this.#file.saveBuckets([{ level: DAY_MS, start: day, sum }])
  }

  /** Gives numbers to what has none. Returns the sum of all that was read. */
  async #scan({ from, to }: Span): Promise<DigestSum> {
    const read = new DigestSum()
    const query = {
      part: this.#part,
      from: { timestamp: from, sequence: 0 },
      to: { timestamp: to, sequence: LAST_SEQUENCE },
      verdicts: ['verified'] as const,
    }
    for await (const messages of this.#store.query(query, this.#signal)) {
      for (const { digest } of messages) read.add(digest)
      await this.#add(messages)
    }
    return read
  }

  async #add(messages: readonly StoredMessage[]): Promise<void> {
    const known = await this.#file.known(messages.map(({ digest }) => digest))
    const added: NewJournalEntry[] = []
    const buckets = new Map<string, BucketRow>()
    for (const { id, digest, raw } of messages) {
      const key = toHex(digest)
      if (known.has(key)) continue
      known.add(key)
      added.push({ ...pick(id), sizeBytes: raw.length, digest: Uint8Array.from(digest) })
      for (const level of [BUCKET_MS, DAY_MS]) {
        const bucket = await this.#bucket(buckets, level, startOf(level, id.timestamp))
        bucket.sum.add(digest)
      }
    }
    if (added.length === 0) return
    await this.#file.add(this.#position + 1, added, [...buckets.values()])
    this.#position += added.length
  }

  async #bucket(buckets: Map<string, BucketRow>, level: number, start: number): Promise<BucketRow> {
    const key = `${level} ${start}`
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      const sum = (await this.#file.buckets(level, start, start)).get(start) ?? new DigestSum()
      bucket = { level, start, sum }
      buckets.set(key, bucket)
    }
    return bucket
  }
}

const pick = ({ timestamp, sequence }: { timestamp: number; sequence: number }) => ({ timestamp, sequence })
