import type { StreamPartId } from '../../../shared/message.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { type Span, SpanList } from '../message/span-list.ts'
import type { StoredMessage } from '../ports.ts'
import { abortable } from './abortable.ts'
import { startOf } from './bucket-rows.ts'
import { BUCKET_MS, DAY_MS, LAST_SEQUENCE, MAX_READ_SPAN_MS, MAX_SPANS } from './limits.ts'
import { MinuteSums } from './minute-sums.ts'
import { buffersOf, packMessages } from './packed-messages.ts'
import type { CompleteBucket, SinkStore, SinkThread, WriteResult } from './ports.ts'

export type FindKey = (publisher: string, keyId: string) => Uint8Array | undefined

export interface SinkSyncOptions {
  part: StreamPartId
  table: string
  store: SinkStore
  thread: SinkThread
  findKey: FindKey
  signal: AbortSignal
  onWritten: (result: WriteResult & { columns: number }, last: StoredMessage | undefined) => void
  /** Messages the comparison has found to be written, about. */
  onBehind: (messages: number) => void
}

/** Every verdict: what was believed and is forged now has to be told. */
const ALL = [...VERDICTS]
const OTHERS = VERDICTS.filter((verdict) => verdict !== 'verified')

/**
 * Brings a table in step with what the store holds of a stream part. The store tells what it touched, and that is read
 * again; what nobody told of, because it happened while nobody listened, is found by comparing fingerprints of the store
 * with those beside the table, by day and then by minute. So a message that comes late, behind everything that was
 * written, is found like any other, and nothing is written twice.
 */
export class SinkSync {
  readonly #options: SinkSyncOptions
  readonly #spans = new SpanList(MAX_SPANS)
  /** Too long to be read as they are; compared when history is through. */
  readonly #wide = new SpanList(MAX_SPANS)
  /** Since when the oldest thing waits that was told of, by the caller's clock; null when nothing does. */
  waitingSince: number | null = null

  constructor(options: SinkSyncOptions) {
    this.#options = options
  }

  touched(span: Span, now: number): void {
    this.#spans.add(span)
    this.waitingSince ??= now
  }

  get isCurrent(): boolean {
    return this.#spans.size === 0 && this.#wide.size === 0
  }

  /** Writes what was told of since the last call. */
  async catchUp(now: number): Promise<void> {
    await this.#writeTouched(now)
    const wide = this.#wide.takeAll()
    for (let span = wide.shift(); span !== undefined; span = wide.shift()) {
      try {
        await this.#compareSpan(span)
      } catch (error) {
        for (const left of [span, ...wide]) this.#wide.add(left)
        throw error
      }
    }
    if (this.isCurrent) this.waitingSince = null
  }

  /** Finds and writes everything in which table and store differ. */
  async compareAll(): Promise<void> {
    const { part, store } = this.#options
    const statistics = (await store.statistics()).find((one) => one.part === part)
    if (statistics === undefined || statistics.messages === 0) return
    // Messages that are not verified may lie before the first that is.
    await this.#compareSpan({ from: 0, to: Number.MAX_SAFE_INTEGER })
    await this.#openClosed()
  }

  async #writeTouched(now: number): Promise<void> {
    const spans = this.#spans.takeAll()
    for (let span = spans.shift(); span !== undefined; span = spans.shift()) {
      try {
        if (span.to - span.from > MAX_READ_SPAN_MS) this.#wide.add(span)
        else await this.#scan(span, 'touched')
      } catch (error) {
        for (const left of [span, ...spans]) this.#spans.add(left)
        throw error
      }
    }
    this.waitingSince = this.isCurrent ? null : now
  }

  async #compareSpan(span: Span): Promise<void> {
    for await (const run of this.#differing(span)) await this.#scan(run, 'whole')
    for (const run of await this.#differingOthers(span)) await this.#scan(run, 'whole')
  }

  /** Stretches whose verified messages differ, ascending; days of which nothing is written are not looked into. */
  async *#differing(span: Span): AsyncGenerator<Span> {
    const { part, table, store, onBehind } = this.#options
    const theirs = await store.fingerprints(part, DAY_MS, span.from, span.to)
    const ours = new Map(
      (await this.#call('buckets', [table, DAY_MS, startOf(DAY_MS, span.from), span.to])).map((bucket) => [
        bucket.start,
        bucket,
      ]),
    )
    const isSame = (at: number, count: number, sum: Uint8Array) => {
      const our = ours.get(at)
      return our !== undefined && our.verified === count && Buffer.compare(our.sum, sum) === 0
    }
    const differing = theirs.filter(({ from, count, sum }) => !isSame(from, count, sum))
    onBehind(
      differing.reduce(
        (sum, { from, count }) => sum + Math.max(0, count - (ours.get(from)?.verified ?? 0)),
        0,
      ),
    )
    for (const { from: day } of differing) {
      this.#options.signal.throwIfAborted()
      if (ours.has(day)) yield* await this.#differingMinutes(day)
      else yield { from: day, to: day + DAY_MS - 1 }
    }
  }

  async #differingMinutes(day: number): Promise<Span[]> {
    const { part, table, store } = this.#options
    const last = day + DAY_MS - 1
    const theirs = await store.fingerprints(part, BUCKET_MS, day, last)
    const buckets = await this.#call('buckets', [table, BUCKET_MS, day, last])
    const ours = new Map(buckets.map((bucket) => [bucket.start, bucket]))
    const runs: Span[] = []
    let run: Span | null = null
    for (const { from, count, sum } of theirs) {
      const our = ours.get(from)
      if (our?.verified === count && Buffer.compare(our.sum, sum) === 0) {
        run = null
      } else if (run === null) {
        run = { from, to: from + BUCKET_MS - 1 }
        runs.push(run)
      } else {
        run.to = from + BUCKET_MS - 1
      }
    }
    return runs
  }

  /** Minutes whose other messages are not as they were when the minute was last read whole. */
  async #differingOthers({ from, to }: Span): Promise<Span[]> {
    const { part, store, signal } = this.#options
    const query = {
      part,
      from: { timestamp: startOf(BUCKET_MS, from), sequence: 0 },
      to: { timestamp: Math.min(to, Number.MAX_SAFE_INTEGER - BUCKET_MS), sequence: LAST_SEQUENCE },
      verdicts: OTHERS,
    }
    const sums = new MinuteSums()
    const runs: Span[] = []
    for await (const messages of store.query(query, signal)) {
      runs.push(...(await this.#unlike(sums.add(messages))))
    }
    runs.push(...(await this.#unlike(sums.end())))
    return runs
  }

  async #unlike(theirs: readonly CompleteBucket[]): Promise<Span[]> {
    const first = theirs[0]
    const last = theirs.at(-1)
    if (first === undefined || last === undefined) return []
    const { table } = this.#options
    const buckets = await this.#call('buckets', [table, BUCKET_MS, first.start, last.start])
    const ours = new Map(buckets.map(({ start, others }) => [start, others]))
    return theirs
      .filter(({ start, others }) => {
        const our = ours.get(start)
        return our === null || our === undefined || Buffer.compare(our, others) !== 0
      })
      .map(({ start }) => ({ from: start, to: start + BUCKET_MS - 1 }))
  }

  /** Reads rows that waited for keys which have come since. */
  async #openClosed(): Promise<void> {
    const { table, findKey } = this.#options
    for (const { publisher, key } of await this.#call('closedKeys', [table])) {
      if (findKey(publisher, key) === undefined) continue
      // Rows that the store does not hold any more stay closed; the next minutes are looked at all the same.
      let after: number | undefined = -1
      while (after !== undefined) {
        const minutes: number[] = await this.#call('closedMinutes', [table, publisher, key, after])
        for (const minute of minutes) await this.#scan({ from: minute, to: minute + BUCKET_MS - 1 }, 'whole')
        after = minutes.at(-1)
      }
    }
  }

  /**
   * Writes what the store holds of a stretch. A `whole` one has minutes that are read from end to end, so that it is
   * known of each what the store holds; what was touched meanwhile is written between its pages, so that it does not
   * wait for history.
   */
  async #scan({ from, to }: Span, kind: 'touched' | 'whole'): Promise<void> {
    const { part, store, signal } = this.#options
    const query = {
      part,
      from: { timestamp: from, sequence: 0 },
      to: { timestamp: to, sequence: LAST_SEQUENCE },
      verdicts: ALL,
    }
    const sums = new MinuteSums()
    for await (const messages of store.query(query, signal)) {
      await this.#write(messages, kind === 'whole' ? sums.add(messages) : null)
      if (kind === 'whole' && this.#spans.size > 0) await this.#writeTouched(this.waitingSince ?? 0)
    }
    if (kind === 'whole') {
      const last = sums.end()
      if (last.length > 0) await this.#write([], last)
    }
  }

  async #write(
    messages: readonly StoredMessage[],
    complete: readonly CompleteBucket[] | null,
  ): Promise<void> {
    if (messages.length === 0 && (complete === null || complete.length === 0)) return
    const { table, signal, onWritten } = this.#options
    signal.throwIfAborted()
    const packed = packMessages(messages, (message) => this.#keyOf(message))
    const result = await this.#call('write', [table, packed, complete], buffersOf(packed))
    onWritten(result, messages.at(-1))
  }

  readonly #call: SinkThread['call'] = (method, args, transfer) =>
    abortable(this.#options.thread.call(method, args, transfer), this.#options.signal)

  #keyOf({ id, raw }: StoredMessage): Uint8Array | undefined {
    const { body } = decodeStreamMessage(raw)
    if (body.kind !== 'content' || body.groupKeyId === undefined) return undefined
    return this.#options.findKey(id.publisher, body.groupKeyId)
  }
}
