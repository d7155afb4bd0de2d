/** Why a storage node’s answer was of no use. */
export type ResendFailure = 'address-refused' | 'unreachable' | 'silent' | 'status' | 'broken' | 'wrong'

/** A storage node could not be used; the sentence says what it did, for the operator. */
export class ResendFailed extends Error {
  override readonly name = 'ResendFailed'
  readonly failure: ResendFailure
  constructor(failure: ResendFailure, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.failure = failure
  }
}
