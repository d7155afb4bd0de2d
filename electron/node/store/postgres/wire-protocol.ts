import type { PostgresFailure } from '../../postgres/postgres-error.ts'
import type { PostgresTarget } from '../../postgres/postgres-target.ts'

/** How to reach a database, and how long to wait for it. */
export interface WireOptions extends PostgresTarget {
  /** How long an answer is waited for before the connection is given up, ms. More than a statement may take. */
  answerTimeoutMs: number
  /** Rows are asked for by their keys: see `BY_KEY_SETTINGS`. */
  isByKey?: boolean
  /** An Int32 that is set when the node ends: from then on answers are waited for briefly. */
  stopping?: SharedArrayBuffer
}

/** A value on its way to the server or from it. */
export type WireValue = number | string | Uint8Array | null

export type WireRequest =
  | { kind: 'query'; text: string; name?: string; values: readonly WireValue[] }
  | { kind: 'open'; text: string; values: readonly WireValue[]; rows: number }
  | { kind: 'fetch'; rows: number }
  | { kind: 'release' }
  /** A binary COPY of one column of bytes to here: one row comes back, of all its values one behind the other. */
  | { kind: 'copy-out'; text: string }
  | { kind: 'copy-end'; isAborted: boolean }
  | { kind: 'end' }

/** What is sent without waiting for anything: the server works on it while the sender goes on. */
export type WireNotice = { kind: 'copy-begin'; text: string } | { kind: 'copy-data'; chunk: Uint8Array }

export interface WireRows {
  columns: string[]
  rows: WireValue[][]
  /** Rows changed, or read. */
  count: number
  /** For `open` and `fetch`: there may be more. */
  more: boolean
}

export type WireAnswer = { ok: WireRows } | { failure: PostgresFailure }

export interface WireWorkerData {
  options: WireOptions
  /** Woken when an answer lies in the port. */
  signal: SharedArrayBuffer
  port: import('node:worker_threads').MessagePort
}
