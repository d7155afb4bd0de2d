import type { UnindexedValues } from '../../shared/chart.ts'
import { TidemarkError } from '../../shared/errors.ts'
import type { MessageInspection, RightInState } from '../../shared/inspection.ts'
import { type MessageId, type MessageRow, parseStreamPartId, streamPartId } from '../../shared/message.ts'
import type { MessageMark } from '../../shared/message-mark.ts'
import type { Verdict } from '../../shared/verdict.ts'
import type { VerdictChange } from '../../shared/verdict-history.ts'
import { heldUnder, LISTED_VERDICTS, listedHeld } from './held-messages.ts'
import { type SchemaOf, selectByMarks } from './mark-selection.ts'
import type { FindKey } from './message/open-content.ts'
import { compareMessages } from './message/order.ts'
import { toMessageRow } from './message/row.ts'
import type { MessageQuery, MessageStore, StoredMessage } from './ports.ts'
import { MAX_SCANNED_MESSAGES, UNINDEXED_LOOKS } from './rows/limits.ts'
import { isOpenFilter, type RowFilter } from './rows/row-filter.ts'
import type { RowThread } from './rows-role.ts'

/** Where a page ended: the following page begins strictly behind it. */
export interface PageCursor {
  id: MessageId
  digest: string
}

export interface PageRequest extends Omit<RowFilter, 'marks'> {
  part: string
  from?: number | undefined
  to?: number | undefined
  after?: PageCursor | undefined
  publisher?: string | undefined
  verdicts?: Verdict[] | undefined
  marks?: MessageMark[] | undefined
  order: 'ascending' | 'descending'
  limit: number
}

export interface MessagePage {
  rows: MessageRow[]
  /** Where the next page begins; with a filter a page may hold little or nothing and yet have a next one. */
  next: PageCursor | null
  /** Messages that were looked through for this page. */
  scanned: number
}

export interface ProofFile {
  fileName: string
  json: string
}

/** Verified messages of a range that are to be proven, with their places in it. */
export interface RangeProofRequest {
  part: string
  /** First and last moment of the range, ms, both included. */
  from: number
  to: number
  /** Which of its messages; all of them where nothing is said. */
  publisher?: string | undefined
  within?: { from: number; to: number } | undefined
  digests?: readonly string[] | undefined
}

export interface RangeProofFile extends ProofFile {
  messages: number
  /** Verified messages of the range, and the Merkle root over them. */
  leaves: number
  root: string
}

/** Reads messages for people: pages, the nearest one to a point in time, one message with all its evidence. */
export interface MessageBrowser {
  page(request: PageRequest, signal?: AbortSignal): Promise<MessagePage>
  /**
   * Where the newest `count` messages begin: read from time `from` on and leave out the first `skip`, which share
   * that time. Null when there is none. So a client pages through any `last` without holding it.
   */
  startOfLast(
    part: string,
    count: number,
    signal?: AbortSignal,
  ): Promise<{ from: number; skip: number } | null>
  nearest(part: string, at: number, publisher?: string, signal?: AbortSignal): Promise<MessageRow | null>
  /** Messages stored in a stretch of time, from the store's counts: whole buckets at its edges. */
  count(part: string, from: number, to: number, verdicts?: readonly Verdict[]): Promise<number>
  /** What the newest messages of a part hold that no chart draws. */
  unindexed(part: string, signal?: AbortSignal): Promise<UnindexedValues>
  /** For each message the stored one before it of the same publisher; null where there is none. */
  predecessors(ids: readonly MessageId[], signal?: AbortSignal): Promise<(MessageRow | null)[]>
  /** @throws TidemarkError `message-not-found` */
  stored(id: MessageId, digest?: string): Promise<StoredMessage>
  /** @throws TidemarkError `message-not-found` */
  inspect(id: MessageId, digest?: string): Promise<MessageInspection>
  /** What became of the verdict of a message, oldest first. @throws TidemarkError `message-not-found` */
  history(id: MessageId, digest?: string): Promise<VerdictChange[]>
  /** @throws TidemarkError `message-not-found` */
  rightInState(id: MessageId, digest?: string, signal?: AbortSignal): Promise<RightInState>
  /** @throws TidemarkError `message-not-found` */
  proof(id: MessageId, digest?: string, signal?: AbortSignal): Promise<ProofFile>
  /** @throws TidemarkError `invalid-input` when nothing or too much is chosen */
  rangeProof(request: RangeProofRequest, signal?: AbortSignal): Promise<RangeProofFile>
}

/** What is known of messages as evidence; see `evidence-role.ts`. */
export interface MessageEvidence {
  inspect(message: StoredMessage): Promise<MessageInspection>
  /** What became of its verdict, oldest first. */
  history(message: StoredMessage): VerdictChange[]
  rightInState(message: StoredMessage, signal?: AbortSignal): Promise<RightInState>
  makeProof(message: StoredMessage, signal?: AbortSignal): Promise<string>
  makeRangeProof(
    request: RangeProofRequest,
    signal?: AbortSignal,
  ): Promise<{ json: string; chosen: ProvenRange }>
}

interface ProvenRange {
  messages: readonly StoredMessage[]
  range: { tree: { leaves: number; root: string } }
}

export interface MessageBrowserOptions {
  store: MessageStore
  evidence: MessageEvidence
  /** Looks through contents. */
  rows: Pick<RowThread, 'call' | 'withContents'>
  /** Opens encrypted content for the eye. Default: it stays closed. */
  findKey?: FindKey | undefined
  /** Default: no stream has a schema. */
  schemaOf?: SchemaOf | undefined
}

const MAX_SEQUENCE = 2_147_483_647
/** Buckets a count is added up from. */
const COUNT_BUCKETS = 512

function toQuery(request: PageRequest): MessageQuery {
  const ascending = request.order === 'ascending'
  const query: MessageQuery = { part: request.part, order: request.order }
  const cursor = request.after?.id
  const from =
    ascending && cursor
      ? cursor
      : request.from === undefined
        ? undefined
        : { timestamp: request.from, sequence: 0 }
  const to =
    !ascending && cursor
      ? cursor
      : request.to === undefined
        ? undefined
        : { timestamp: request.to, sequence: MAX_SEQUENCE }
  if (from) query.from = { timestamp: from.timestamp, sequence: from.sequence }
  if (to) query.to = { timestamp: to.timestamp, sequence: to.sequence }
  if (request.publisher !== undefined) query.publisher = request.publisher
  if (request.verdicts !== undefined) query.verdicts = request.verdicts
  return query
}

function orderKey(cursor: PageCursor) {
  return { id: cursor.id, digest: Buffer.from(cursor.digest, 'hex') }
}

class Browser implements MessageBrowser {
  readonly #options: MessageBrowserOptions

  constructor(options: MessageBrowserOptions) {
    this.#options = options
  }

  async page(request: PageRequest, signal?: AbortSignal): Promise<MessagePage> {
    const rows: MessageRow[] = []
    let scanned = 0
    const behind = request.after && orderKey(request.after)
    const sign = request.order === 'ascending' ? 1 : -1
    const { schemaOf = async () => undefined } = this.#options
    const { stored, filter } = await selectByMarks(request.part, request.marks, schemaOf)
    const query = { ...toQuery(request), ...(stored.length === 0 ? {} : { marks: stored }) }
    for await (const batch of this.#batches(request, query, signal)) {
      // The query begins at the cursor's time and sequence; equal ones before the cursor were shown already.
      const fresh = behind ? batch.filter((message) => sign * compareMessages(message, behind) > 0) : batch
      const { text, conditions } = request
      const wanted = await this.#wanted({ text, conditions, ...filter }, fresh)
      for (const [index, message] of fresh.entries()) {
        const last = rows[rows.length - 1]
        if (rows.length === request.limit && last) {
          return { rows, next: { id: last.id, digest: last.digest }, scanned }
        }
        scanned += 1
        if (wanted === null || wanted.has(index)) rows.push(toMessageRow(message, this.#options.findKey))
      }
      const last = fresh[fresh.length - 1]
      if (wanted !== null && last !== undefined && scanned >= MAX_SCANNED_MESSAGES) {
        return { rows, next: { id: last.id, digest: Buffer.from(last.digest).toString('hex') }, scanned }
      }
    }
    return { rows, next: null, scanned }
  }

  /** Whose clocks are asked for: those that are so far ahead that they are held back are among them, the latest of all. */
  async *#batches(
    request: PageRequest,
    query: MessageQuery,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<StoredMessage[]> {
    const { store } = this.#options
    const held = request.marks?.includes('clock') ? await listedHeld(store, request) : []
    if (request.order === 'descending' && held.length > 0) yield held.reverse()
    yield* store.query(query, signal)
    if (request.order === 'ascending' && held.length > 0) yield held
  }

  /** Which messages of a batch a filter lets pass; null: all. */
  async #wanted(
    { text, conditions, marks }: RowFilter,
    batch: readonly StoredMessage[],
  ): Promise<ReadonlySet<number> | null> {
    const filter: RowFilter = { text, conditions, marks }
    if (isOpenFilter(filter)) return null
    const { rows } = this.#options
    return new Set(await rows.call('match', filter, rows.withContents(batch)))
  }

  async count(part: string, from: number, to: number, verdicts?: readonly Verdict[]): Promise<number> {
    const { buckets } = await this.#options.store.timeline(part, from, to, COUNT_BUCKETS)
    const counted = verdicts ?? LISTED_VERDICTS
    return buckets.reduce(
      (sum, bucket) => sum + counted.reduce((count, verdict) => count + bucket.verdicts[verdict], 0),
      0,
    )
  }

  async unindexed(part: string, signal?: AbortSignal): Promise<UnindexedValues> {
    const { rows, store } = this.#options
    const query: MessageQuery = { part, order: 'descending', limit: UNINDEXED_LOOKS }
    // Large messages end a page early: its first page says enough.
    for await (const batch of store.query(query, signal))
      return rows.call('unindexed', rows.withContents(batch))
    return { looked: 0, most: 0, unread: 0 }
  }

  predecessors(ids: readonly MessageId[], signal?: AbortSignal): Promise<(MessageRow | null)[]> {
    return Promise.all(
      ids.map(async ({ streamId, partition, timestamp, sequence, publisher }) => {
        const to =
          sequence > 0
            ? { timestamp, sequence: sequence - 1 }
            : { timestamp: timestamp - 1, sequence: MAX_SEQUENCE }
        if (to.timestamp < 0) return null
        const part = streamPartId(streamId, partition)
        const found = await this.#first({ part, publisher, to, order: 'descending' }, signal)
        return found === null ? null : toMessageRow(found, this.#options.findKey)
      }),
    )
  }

  async startOfLast(part: string, count: number, signal?: AbortSignal) {
    const first = await this.#first({ part, last: count, order: 'ascending' }, signal)
    if (first === null) return null
    const from = first.id.timestamp
    let skip = 0
    const sameTime = {
      part,
      from: { timestamp: from, sequence: 0 },
      to: { timestamp: from, sequence: MAX_SEQUENCE },
    }
    for await (const batch of this.#options.store.query(sameTime, signal)) {
      for (const message of batch) if (compareMessages(message, first) < 0) skip++
    }
    return { from, skip }
  }

  async nearest(
    part: string,
    at: number,
    publisher?: string,
    signal?: AbortSignal,
  ): Promise<MessageRow | null> {
    const of = publisher === undefined ? {} : { publisher }
    const time = Math.round(at)
    const [before, after] = await Promise.all([
      this.#first(
        { part, ...of, to: { timestamp: time, sequence: MAX_SEQUENCE }, order: 'descending' },
        signal,
      ),
      this.#first({ part, ...of, from: { timestamp: time, sequence: 0 }, order: 'ascending' }, signal),
    ])
    if (!before || !after) {
      const only = before ?? after
      return only ? toMessageRow(only, this.#options.findKey) : null
    }
    const closer = at - before.id.timestamp <= after.id.timestamp - at ? before : after
    return toMessageRow(closer, this.#options.findKey)
  }

  async inspect(id: MessageId, digest?: string): Promise<MessageInspection> {
    return this.#options.evidence.inspect(await this.stored(id, digest))
  }

  async history(id: MessageId, digest?: string): Promise<VerdictChange[]> {
    return this.#options.evidence.history(await this.stored(id, digest))
  }

  async rightInState(id: MessageId, digest?: string, signal?: AbortSignal): Promise<RightInState> {
    return this.#options.evidence.rightInState(await this.stored(id, digest), signal)
  }

  async proof(id: MessageId, digest?: string, signal?: AbortSignal): Promise<ProofFile> {
    const json = await this.#options.evidence.makeProof(await this.stored(id, digest), signal)
    return {
      fileName: `tidemark-proof-${id.timestamp}-${id.sequence}-${id.publisher.slice(2, 10)}.json`,
      json,
    }
  }

  async rangeProof(request: RangeProofRequest, signal?: AbortSignal): Promise<RangeProofFile> {
    const { json, chosen } = await this.#options.evidence.makeRangeProof(request, signal)
    const { leaves, root } = chosen.range.tree
    return {
      fileName: `tidemark-proof-${request.from}-${request.to}-${root.slice(0, 8)}.json`,
      json,
      messages: chosen.messages.length,
      ...{ leaves, root },
    }
  }

  async #first(query: MessageQuery, signal?: AbortSignal): Promise<StoredMessage | null> {
    for await (const batch of this.#options.store.query({ ...query, limit: 1 }, signal)) {
      if (batch[0]) return batch[0]
    }
    return null
  }

  async stored(id: MessageId, digest?: string): Promise<StoredMessage> {
    parseStreamPartId(streamPartId(id.streamId, id.partition))
    const { store } = this.#options
    const here = await store.get(id)
    const found = here.length > 0 ? here : await heldUnder(store, id)
    const message = digest ? found.find((m) => Buffer.from(m.digest).toString('hex') === digest) : found[0]
    if (message === undefined) {
      throw new TidemarkError(
        'message-not-found',
        'This node does not hold that message.',
        'It may have been dropped by retention, or lie with another node. Check the link, or widen the range.',
      )
    }
    return message
  }
}

export function createMessageBrowser(options: MessageBrowserOptions): MessageBrowser {
  return new Browser(options)
}
