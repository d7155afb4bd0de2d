import type { Clock, MessageQuery, StoredMessage } from '../ports.ts'
import type { Announcements } from './announcements/announcements.ts'
import { FederatedRun } from './federated/federated-run.ts'
import type { FederatedReport } from './federated/report.ts'
import type { GossipHost } from './peers/host.ts'
import type { Ingest, ReconcileStore, Verify } from './ports.ts'
import type { ReconcileService } from './reconcile/reconcile-service.ts'

export interface FederatedQueryOptions {
  query: MessageQuery
  /**
   * Whether what peers bring is stored, so that the next query finds it. Default true. Otherwise it is held in memory
   * (up to 64 MiB) until it has been answered.
   */
  keep?: boolean
  /** Whether peers are sent what they lack, where they want that. Default false. */
  heal?: boolean
  /** After this long peers are left alone and the answer goes on with what is here, ms. Default: never. */
  deadlineMs?: number
  /** Whether the first messages of this node are shown before any peer was asked. Default true. */
  preview?: boolean
  /** Messages that are compared with peers at once; the same again is compared ahead of the reader. Default 20,000. */
  stretchMessages?: number
  signal?: AbortSignal
}

/**
 * Part of an answer. A `preview` comes at most once and first: what this node itself would answer first. `merged`
 * batches are the answer: in order, without repetition, messages of the preview among them.
 */
export interface FederatedBatch {
  readonly kind: 'preview' | 'merged'
  readonly messages: readonly StoredMessage[]
}

/** An answer that is read once. */
export interface FederatedAnswer extends AsyncIterable<FederatedBatch> {
  /** Who took part and what could not be had; final once the answer has been read. */
  report(): FederatedReport
}

export interface FederatedQueries {
  /**
   * Answers a query from what this node and its connected peers hold. Stretch by stretch peers are reconciled, what
   * is missing is fetched, verified, stored and merged; the next stretch is prepared while one is read, and no
   * further, so that memory does not grow with the answer. Reading may stop at any time.
   *
   * @throws when it is read: the reason of `signal`, and what the store and the verifier throw. What peers do wrong
   * never throws; it stands in the report.
   */
  query(options: FederatedQueryOptions): FederatedAnswer
}

export interface FederatedQueriesOptions {
  host: GossipHost
  announcements: Announcements
  service: ReconcileService
  store: ReconcileStore
  ingest: Ingest
  /** Verifies without storing, for answers that are not to be kept. */
  verify: Verify
  clock: Clock
}

export function createFederatedQueries(options: FederatedQueriesOptions): FederatedQueries {
  return {
    query: (request) => {
      const run = new FederatedRun(options, request)
      return { [Symbol.asyncIterator]: () => run.batches(), report: () => run.report() }
    },
  }
}
