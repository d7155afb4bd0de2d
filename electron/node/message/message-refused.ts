/**
 * Why bytes could not become a message. Codes are stored with what was refused: append, never rename.
 */
export const REFUSAL_REASONS = [
  'empty',
  'too-large',
  'malformed',
  'duplicate-field',
  'too-many-fields',
  'not-utf8',
  'message-id-missing',
  'stream-id-invalid',
  'partition-invalid',
  'timestamp-invalid',
  'sequence-invalid',
  'publisher-invalid',
  'chain-id-invalid',
  'previous-not-before',
  'signature-invalid',
  'body-missing',
  'content-invalid',
  'key-exchange-invalid',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** The only error `decodeStreamMessage` and `encodeStreamMessage` throw for bad input. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused'
  readonly reason: RefusalReason
  constructor(reason: RefusalReason, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.reason = reason
  }
}
