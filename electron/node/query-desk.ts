import { randomUUID } from 'node:crypto'
import { TidemarkError } from '../../shared/errors.ts'
import { MAX_PAGE_ROWS } from '../../shared/inputs.ts'
import type { MessageRow } from '../../shared/message.ts'
import type { FederatedReport } from './gossip/federated/report.ts'
import type { FederatedAnswer, FederatedQueries, FederatedQueryOptions } from './gossip/federated-query.ts'
import type { FindKey } from './message/open-content.ts'
import { toMessageRow } from './message/row.ts'
import type { Clock, MessageQuery, StoredMessage } from './ports.ts'

/** Federated queries that may be open at once; each holds a stretch of messages and a few streams to peers. */
export const MAX_OPEN_QUERIES = 8
/** A query nobody has read from for this long is closed, ms: its reader is gone. */
export const QUERY_IDLE_MS = 60_000
/** Queries that have ended and are still shown. */
const KEPT_QUERIES = 8

export interface QueryRequest {
  query: MessageQuery
  /** Whether what peers bring is kept on disk. */
  keep: boolean
}

/** A federated query as the Network page shows it. */
export interface QueryView {
  id: string
  part: string
  startedAt: number
  state: 'running' | 'done' | 'failed' | 'closed'
  /** Who took part so far, what they brought, and what could not be had; final unless it is running. */
  report: FederatedReport
}

/** One portion of an answer. `preview` rows are what this node alone would show first; `merged` ones the answer. */
export interface QueryPortion {
  kind: 'preview' | 'merged'
  rows: MessageRow[]
  /** After the last portion, the report; null before. */
  report: FederatedReport | null
}

/**
 * Federated queries over a border that has no flow control: the reader asks for one portion after the other, and
 * nothing is fetched from peers ahead of it but the next stretch.
 */
export interface QueryDesk {
  /** @throws TidemarkError `busy` when too many are open */
  open(request: QueryRequest): { id: string }
  /** At most `MAX_PAGE_ROWS` rows. @throws TidemarkError `query-not-open` for a query that was closed, left or ended */
  next(id: string, signal?: AbortSignal): Promise<QueryPortion>
  /** Ends a query early; does nothing for one that has ended. */
  close(id: string): Promise<void>
  /** Those that run, and the last ones that ended, newest first. */
  list(): QueryView[]
  stop(): Promise<void>
}

export interface QueryDeskOptions {
  queries: FederatedQueries
  findKey: FindKey
  clock: Clock
}

class OpenQuery {
  readonly view: QueryView
  readonly #answer: FederatedAnswer
  readonly #iterator: ReturnType<FederatedAnswer[typeof Symbol.asyncIterator]>
  readonly #ending = new AbortController()
  /** Messages that did not fit into the portion before. */
  #left: { kind: QueryPortion['kind']; messages: readonly StoredMessage[] } | undefined
  #isReading = false
  readAt: number

  constructor(queries: FederatedQueries, { query, keep }: QueryRequest, now: number) {
    const options: FederatedQueryOptions = { query, keep, signal: this.#ending.signal }
    this.#answer = queries.query(options)
    this.#iterator = this.#answer[Symbol.asyncIterator]()
    this.readAt = now
    this.view = {
      id: randomUUID(),
      part: query.part,
      startedAt: now,
      state: 'running',
      report: this.#answer.report(),
    }
  }

  get isReading(): boolean {
    return this.#isReading
  }

  refreshed(): QueryView {
    if (this.view.state === 'running') this.view.report = this.#answer.report()
    return { ...this.view }
  }

  async next(): Promise<{ kind: QueryPortion['kind']; messages: readonly StoredMessage[]; isLast: boolean }> {
    if (this.#isReading) throw new TidemarkError('invalid-input', 'This query is being read.', 'Wait for it.')
    this.#isReading = true
    try {
      if (this.#left === undefined) {
        const { value, done } = await this.#iterator.next()
        if (done) {
          this.#end('done')
          return { kind: 'merged', messages: [], isLast: true }
        }
        this.#left = value
      }
      const { kind, messages } = this.#left
      this.#left =
        messages.length > MAX_PAGE_ROWS ? { kind, messages: messages.slice(MAX_PAGE_ROWS) } : undefined
      return { kind, messages: messages.slice(0, MAX_PAGE_ROWS), isLast: false }
    } catch (error) {
      this.#end(this.#ending.signal.aborted ? 'closed' : 'failed')
      throw error
    } finally {
      this.#isReading = false
    }
  }

  async close(): Promise<void> {
    if (this.view.state !== 'running') return
    this.#end('closed')
    this.#ending.abort(new Error('The query was closed.'))
    await this.#iterator.return?.(undefined)?.catch(() => undefined)
  }

  #end(state: QueryView['state']): void {
    if (this.view.state !== 'running') return
    this.view.report = this.#answer.report()
    this.view.state = state
  }
}

class Desk implements QueryDesk {
  readonly #options: QueryDeskOptions
  readonly #open = new Map<string, OpenQuery>()
  readonly #ended: OpenQuery[] = []
  readonly #sweep: NodeJS.Timeout

  constructor(options: QueryDeskOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#closeIdle(), QUERY_IDLE_MS / 4)
    this.#sweep.unref()
  }

  open(request: QueryRequest): { id: string } {
    if (this.#open.size >= MAX_OPEN_QUERIES) {
      throw new TidemarkError(
        'busy',
        `${MAX_OPEN_QUERIES} queries over all nodes are open already.`,
        'Wait for one of them to end, or close one on the Network page.',
      )
    }
    const query = new OpenQuery(this.#options.queries, request, this.#options.clock.now())
    this.#open.set(query.view.id, query)
    return { id: query.view.id }
  }

  async next(id: string, signal?: AbortSignal): Promise<QueryPortion> {
    const query = this.#open.get(id)
    if (query === undefined) {
      throw new TidemarkError(
        'query-not-open',
        'This query is not open any more.',
        `Ask again; a query that is not read for ${QUERY_IDLE_MS / 1_000} s is closed.`,
      )
    }
    const leave = () => void this.close(id)
    signal?.addEventListener('abort', leave)
    try {
      const { kind, messages, isLast } = await query.next()
      const { findKey } = this.#options
      const rows = messages.map((message) => toMessageRow(message, findKey))
      return { kind, rows, report: isLast ? query.refreshed().report : null }
    } finally {
      signal?.removeEventListener('abort', leave)
      query.readAt = this.#options.clock.now()
      if (query.view.state !== 'running') this.#put(query)
    }
  }

  async close(id: string): Promise<void> {
    const query = this.#open.get(id)
    if (query === undefined) return
    this.#put(query)
    await query.close()
  }

  list(): QueryView[] {
    return [...this.#open.values(), ...this.#ended]
      .map((query) => query.refreshed())
      .sort((a, b) => b.startedAt - a.startedAt)
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep)
    await Promise.all([...this.#open.keys()].map((id) => this.close(id)))
  }

  #closeIdle(): void {
    const before = this.#options.clock.now() - QUERY_IDLE_MS
    for (const [id, query] of this.#open) if (!query.isReading && query.readAt < before) void this.close(id)
  }

  /** Puts a query among those that have ended. */
  #put(query: OpenQuery): void {
    if (!this.#open.delete(query.view.id)) return
    this.#ended.unshift(query)
    this.#ended.length = Math.min(this.#ended.length, KEPT_QUERIES)
  }
}

export function createQueryDesk(options: QueryDeskOptions): QueryDesk {
  return new Desk(options)
}
