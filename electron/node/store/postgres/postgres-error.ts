import type { WireFailure } from './wire-protocol.ts'

/** What a database server or the connection to it says. The message may quote values: it is for the log. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly code: string
  readonly constraint: string | null
  /** The connection is gone, and with it the transaction that was under way. */
  readonly isLost: boolean

  constructor({ code, message, constraint, isLost }: WireFailure) {
    super(message)
    this.code = code
    this.constraint = constraint
    this.isLost = isLost
  }

  /** Another transaction was in the way; the same again will do. */
  get isConflict(): boolean {
    return this.code === '40001' || this.code === '40P01'
  }
}
