import { MAX_SEQUENCE } from '../../message/limits.ts'
import { compareMessageRefs } from '../../message/order.ts'
import type { MessageQuery } from '../../ports.ts'
import { readCoverage } from '../announcements/coverage.ts'
import type { FederatedBatch, FederatedQueriesOptions, FederatedQueryOptions } from '../federated-query.ts'
import { PREVIEW_MESSAGES } from '../limits.ts'
import { type AnswerSource, OverlayStore } from './overlay-store.ts'
import { askCoverages, connectedParticipants, type Participant, spanOf } from './participants.ts'
import type { FederatedReport } from './report.ts'
import { StretchReconciler } from './stretch-reconciler.ts'
import { type Stretch, stretchesOf } from './stretches.ts'

/** One federated query from its start to its report. */
export class FederatedRun {
  readonly #options: FederatedQueriesOptions
  readonly #request: FederatedQueryOptions
  readonly #participants: readonly Participant[]
  readonly #left = new AbortController()
  readonly #signal: AbortSignal
  readonly #overlay: OverlayStore | undefined
  readonly #reconciler: StretchReconciler
  readonly #startedAt: number
  #range: Stretch | undefined
  /** Messages to expect in each coverage bucket of the range. */
  #expected: { grid: Parameters<typeof stretchesOf>[1]; counts: Float64Array } | undefined
  #compared: Stretch | undefined
  #messages = 0
  #endedAt: number | undefined

  constructor(options: FederatedQueriesOptions, request: FederatedQueryOptions) {
    const { host, store, ingest, verify, service, clock } = options
    this.#options = options
    this.#request = request
    this.#participants = connectedParticipants(host)
    this.#signal =
      request.signal === undefined ? this.#left.signal : AbortSignal.any([this.#left.signal, request.signal])
    const overlay = request.keep === false ? new OverlayStore({ store, verify }) : undefined
    this.#overlay = overlay
    this.#reconciler = new StretchReconciler({
      service,
      part: request.query.part,
      participants: this.#participants,
      ingest: overlay === undefined ? ingest : (messages) => overlay.ingest(messages),
      heal: request.heal ?? false,
      clock,
      signal: this.#signal,
      deadline: request.deadlineMs === undefined ? NEVER : AbortSignal.timeout(request.deadlineMs),
    })
    this.#startedAt = clock.now()
  }

  async *batches(): AsyncGenerator<FederatedBatch> {
    // What is here is read before peers are asked: opening many streams at once would keep it waiting.
    const preview = this.#request.preview === false ? undefined : await this.#preview()
    const begun = this.#begin()
    // A reader may take its time over the preview: until then nobody looks whether this failed.
    begun.catch(() => undefined)
    try {
      if (preview !== undefined) yield preview
      await begun
      if (this.#request.query.last === undefined) yield* this.#merged()
      else yield* this.#newest(this.#request.query.last)
    } finally {
      this.#left.abort(new Error('The answer is no longer read.'))
      await begun.catch(() => undefined)
      this.#endedAt = this.#options.clock.now()
    }
  }

  report(): FederatedReport {
    const { unreached } = this.#reconciler
    const peers = this.#participants
      .filter(({ fault, record }) => fault?.code !== 'refused' || record.claimed !== null)
      .map(({ record }) => ({ ...record, suspicions: [...record.suspicions] }))
    return {
      part: this.#request.query.part,
      range: this.#range ?? null,
      compared: this.#compared ?? null,
      peers,
      unreached: unreached.map((stretch) => ({ ...stretch })),
      messages: this.#messages,
      brought: peers.reduce((sum, { brought }) => sum + brought, 0),
      isComplete: unreached.length === 0 && peers.every(({ fault }) => fault === null),
      elapsedMs: (this.#endedAt ?? this.#options.clock.now()) - this.#startedAt,
    }
  }

  get #source(): AnswerSource {
    return this.#overlay ?? this.#options.store
  }

  /** Learns what there is: from when to when, then how much of it where. */
  async #begin(): Promise<void> {
    const { host, announcements, store, clock } = this.#options
    const { part, from, to } = this.#request.query
    const asking = { host, announcements, part, signal: this.#signal }
    await askCoverages(asking, this.#participants, undefined)
    const span = spanOf(await store.span(part, this.#signal), this.#participants)
    if (span === undefined) return
    const range = {
      from: Math.max(span.from, from?.timestamp ?? span.from),
      to: Math.min(span.to, to === undefined ? span.to : to.timestamp + 1),
    }
    if (range.from >= range.to) return
    await askCoverages(asking, this.#participants, range)
    const { grid, counts } = await readCoverage(store, part, clock.now(), [], range, this.#signal)
    this.#range = range
    this.#expected = { grid, counts: expectedCounts(counts, this.#participants) }
  }

  /** What this node alone would answer first. */
  async #preview(): Promise<FederatedBatch | undefined> {
    const { query } = this.#request
    const limit = Math.min(PREVIEW_MESSAGES, query.limit ?? PREVIEW_MESSAGES)
    for await (const messages of this.#options.store.query({ ...query, limit }, this.#signal)) {
      if (messages.length > 0) return { kind: 'preview', messages }
    }
    return undefined
  }

  /** The answer, stretch by stretch; the next one is prepared while one is read. */
  async *#merged(): AsyncGenerator<FederatedBatch> {
    const { query } = this.#request
    const order = query.order ?? 'ascending'
    const stretches = this.#stretches(order)
    let next = this.#prepare(stretches)
    try {
      for (let ready = await next; ready !== undefined; ready = await next) {
        const { from, to } = ready
        next = this.#prepare(stretches)
        yield* this.#emit(within(query, ready))
        if (this.#messages >= (query.limit ?? Infinity)) return
        this.#overlay?.release((timestamp) => (order === 'ascending' ? timestamp < to : timestamp >= from))
      }
    } finally {
      this.#left.abort(new Error('The answer is no longer read.'))
      await next.catch(() => undefined)
    }
  }

  /** The last `count` of the union: reaches back, stretch by stretch, until there are as many. */
  async *#newest(count: number): AsyncGenerator<FederatedBatch> {
    const { query } = this.#request
    const { last: _, limit: __, ...selection } = query
    const stretches = this.#stretches('descending')
    let reached = this.#range
    let found = 0
    for (
      let ready = await this.#prepare(stretches);
      ready !== undefined;
      ready = await this.#prepare(stretches)
    ) {
      const part = within({ ...selection, limit: count - found }, ready)
      for await (const batch of this.#source.query(part, this.#signal)) found += batch.length
      reached = { from: ready.from, to: reached?.to ?? ready.to }
      if (found >= count) break
    }
    if (reached !== undefined) yield* this.#emit(within(query, reached))
  }

  *#stretches(order: 'ascending' | 'descending'): Generator<Stretch> {
    if (this.#range === undefined || this.#expected === undefined) return
    const { grid, counts } = this.#expected
    yield* stretchesOf(this.#range, grid, counts, order, this.#request.stretchMessages)
  }

  async #prepare(stretches: Generator<Stretch>): Promise<Stretch | undefined> {
    const { value } = stretches.next()
    if (value === undefined) return undefined
    await this.#reconciler.run(value, this.#source)
    const { from, to } = this.#compared ?? value
    this.#compared = { from: Math.min(from, value.from), to: Math.max(to, value.to) }
    return value
  }

  async *#emit(query: MessageQuery): AsyncGenerator<FederatedBatch> {
    const left = (this.#request.query.limit ?? Infinity) - this.#messages
    const limited = left === Infinity ? query : { ...query, limit: left }
    for await (const messages of this.#source.query(limited, this.#signal)) {
      if (messages.length === 0) continue
      this.#messages += messages.length
      yield { kind: 'merged', messages }
    }
  }
}

const NEVER = new AbortController().signal

/**
 * How many messages all hold together in each bucket: at least what the one with most says, at most the sum of all.
 * Between those two, their geometric mean.
 */
function expectedCounts(own: Float64Array, participants: readonly Participant[]): Float64Array {
  const all = participants.flatMap(({ fault, coverage }) =>
    fault === undefined && coverage !== undefined ? [coverage.counts] : [],
  )
  return own.map((count, bucket) => {
    const counts = [count, ...all.map((others) => others[bucket] ?? 0)]
    const sum = counts.reduce((total, one) => total + one, 0)
    return Math.ceil(Math.sqrt(Math.max(...counts) * sum))
  })
}

/** The query narrowed to a stretch. */
function within(query: MessageQuery, stretch: Stretch): MessageQuery {
  const first = { timestamp: stretch.from, sequence: 0 }
  const last = { timestamp: stretch.to - 1, sequence: MAX_SEQUENCE }
  return {
    ...query,
    from: query.from !== undefined && compareMessageRefs(query.from, first) > 0 ? query.from : first,
    to: query.to !== undefined && compareMessageRefs(query.to, last) < 0 ? query.to : last,
  }
}
