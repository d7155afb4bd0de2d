/** Stable codes of errors that cross a border (IPC, HTTP, CLI). Append, never rename: others script against them. */
export const ERROR_CODES = [
  'stream-not-found',
  'stream-no-permission',
  'stream-already-subscribed',
  'message-not-found',
  'rpc-unreachable',
  'port-in-use',
  'data-folder-in-use',
  'data-folder-unusable',
  'config-invalid',
  'store-newer-than-code',
  'store-damaged',
  'disk-full',
  'node-too-old',
  'launch-token-invalid',
  'unauthorised',
  'forbidden-host',
  'forbidden-origin',
  'invalid-input',
  'not-running',
  'timeout',
  'aborted',
  'proof-invalid',
  'proof-unreadable',
  'chain-unavailable',
  'internal',
  'key-damaged',
  'key-exposed',
  'key-sealed-elsewhere',
  'remote-log-taken',
  'remote-log-unreachable',
  'remote-log-unreadable',
  'audit-not-found',
  'layout-newer',
  'layout-invalid',
  'layout-not-found',
  'query-not-open',
  'busy',
  'channel-failed',
  'database-unreachable',
  'database-login-refused',
  'database-no-rights',
  'database-read-only',
  'database-unsuitable',
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/**
 * An error a user may see: a stable code, a sentence that says what happened, and what to do about it.
 * Anything else that is thrown is a defect and is shown as `internal`, without its stack.
 */
export class TidemarkError extends Error {
  override readonly name = 'TidemarkError'
  readonly code: ErrorCode
  readonly remedy: string
  constructor(code: ErrorCode, sentence: string, remedy: string, options?: ErrorOptions) {
    super(sentence, options)
    this.code = code
    this.remedy = remedy
  }
}

/** The form in which an error crosses a border. */
export interface ErrorView {
  code: ErrorCode
  message: string
  remedy: string
}

export function toErrorView(error: unknown): ErrorView {
  if (error instanceof TidemarkError)
    return { code: error.code, message: error.message, remedy: error.remedy }
  return {
    code: 'internal',
    message: 'Something went wrong inside Tidemark.',
    remedy: 'Nothing stored was lost. Try again; if it stays, the log of this node says more.',
  }
}
