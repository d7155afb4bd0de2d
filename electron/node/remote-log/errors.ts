/** What can go wrong between a log and those who keep it. Stable: states on disk and findings carry them. */
export const REMOTE_LOG_ERROR_CODES = [
  'address-invalid',
  'content-missing',
  'content-mismatch',
  'content-too-large',
  'store-unreachable',
  'store-refused',
  'name-invalid',
  'name-missing',
  'name-refused',
  'names-unreachable',
  'page-unreadable',
  'message-unreadable',
  'message-id-mismatch',
  'message-out-of-place',
  'timeout',
] as const
export type RemoteLogErrorCode = (typeof REMOTE_LOG_ERROR_CODES)[number]

/** Codes of failures that another try may mend; the rest say something about the log itself. */
const PASSING: ReadonlySet<RemoteLogErrorCode> = new Set([
  'content-missing',
  'content-mismatch',
  'store-unreachable',
  'store-refused',
  'names-unreachable',
  'timeout',
])

/** A failure of a content store, a name system, or of what they handed out, told apart by `code`. */
export class RemoteLogError extends Error {
  override readonly name = 'RemoteLogError'
  readonly code: RemoteLogErrorCode
  constructor(code: RemoteLogErrorCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.code = code
  }

  /** Whether asking again, or asking somebody else, can help. */
  get isPassing(): boolean {
    return PASSING.has(this.code)
  }
}
