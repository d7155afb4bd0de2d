/** What a server or a connection said, in a form that crosses threads. */
export interface PostgresFailure {
  /** SQLSTATE, or the code of the operating system, or `ANSWER_TIMEOUT`. */
  code: string
  message: string
  constraint: string | null
  /** The connection is gone: whatever it was doing is undone, unless it was a commit. */
  isLost: boolean
}

/** What a database server or the connection to it says. The message may quote values: it is for the log. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError'
  readonly code: string
  readonly constraint: string | null
  /** The connection is gone, and with it the transaction that was under way. */
  readonly isLost: boolean

  constructor({ code, message, constraint, isLost }: PostgresFailure) {
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

/** What `pg` says, without a code, where it asked for encryption and the server has none. */
const WITHOUT_TLS = 'The server does not support SSL connections'

/** Errors of `pg` as what they mean. What the server says has a severity; all else is the connection, or its end. */
export function failureOf(error: unknown): PostgresFailure {
  if (error instanceof PostgresError) {
    const { code, message, constraint, isLost } = error
    return { code, message, constraint, isLost }
  }
  const { code, message, constraint, severity } = error as Error & {
    code?: string
    constraint?: string
    severity?: string
  }
  return {
    code: code ?? (message === WITHOUT_TLS ? 'TLS_REFUSED' : 'CONNECTION_LOST'),
    message: String(message ?? error),
    constraint: constraint ?? null,
    isLost: severity === undefined || severity === 'FATAL' || severity === 'PANIC',
  }
}
