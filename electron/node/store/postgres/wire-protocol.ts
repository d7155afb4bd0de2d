/** How to reach a database, and what one connection may take. Holds the password: never logged, never shown. */
export interface WireOptions {
  host: string
  port: number
  database: string
  user: string
  password: string | null
  /** `off`: plain; `require`: encrypted, whoever answers; `verify`: encrypted, and the server proves its name. */
  tls: 'off' | 'require' | 'verify'
  /** PEM of the authority that signed the server's certificate, where it is none of the well-known ones. */
  ca: string | null
  /** Where the tables are; made when it is not there. */
  schema: string
  /** A statement that takes longer is ended by the server, ms. */
  statementTimeoutMs: number
  /** How long an answer is waited for before the connection is given up, ms. More than a statement may take. */
  answerTimeoutMs: number
}

/** A value on its way to the server or from it. */
export type WireValue = number | string | Uint8Array | null

export type WireRequest =
  | { kind: 'query'; text: string; name?: string; values: readonly WireValue[] }
  | { kind: 'open'; text: string; values: readonly WireValue[]; rows: number }
  | { kind: 'fetch'; rows: number }
  | { kind: 'release' }
  | { kind: 'copy'; text: string; chunks: readonly Uint8Array[] }
  | { kind: 'end' }

export interface WireRows {
  columns: string[]
  rows: WireValue[][]
  /** Rows changed, or read. */
  count: number
  /** For `open` and `fetch`: there may be more. */
  more: boolean
}

export interface WireFailure {
  /** SQLSTATE, or the code of the operating system, or `ANSWER_TIMEOUT`. */
  code: string
  message: string
  constraint: string | null
  /** The connection is gone: whatever it was doing is undone, unless it was a commit. */
  isLost: boolean
}

export type WireAnswer = { ok: WireRows } | { failure: WireFailure }

export interface WireWorkerData {
  options: WireOptions
  /** Woken when an answer lies in the port. */
  signal: SharedArrayBuffer
  port: import('node:worker_threads').MessagePort
}
