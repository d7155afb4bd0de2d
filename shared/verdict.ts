/**
 * The outcome of checking one message, in rising order of badness. The numeric code is the index and is what
 * the store keeps; "worst" of several verdicts is therefore the largest code.
 */
export const VERDICTS = ['verified', 'pending', 'unauthorised', 'forged'] as const
export type Verdict = (typeof VERDICTS)[number]

export function verdictCode(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict)
}

/** @throws RangeError when `code` names no verdict. */
export function verdictOf(code: number): Verdict {
  const verdict = VERDICTS[code]
  if (verdict === undefined) throw new RangeError(`No verdict has the code ${code}`)
  return verdict
}

/**
 * Why a message got its verdict. Codes are stored: append, never reorder.
 * What each means to a user stands in `VERDICT_REASON_SENTENCES`.
 */
export const VERDICT_REASONS = [
  'signed-and-permitted',
  'signature-invalid',
  'signature-high-s',
  'no-publish-permission',
  'permission-expired',
  'permission-unknown',
  'rpc-unavailable',
  'signature-type-unsupported',
  'contract-refused-signature',
  'stream-unknown',
  'partition-out-of-range',
] as const
export type VerdictReason = (typeof VERDICT_REASONS)[number]

export function verdictReasonCode(reason: VerdictReason): number {
  return VERDICT_REASONS.indexOf(reason)
}

/** @throws RangeError when `code` names no reason. */
export function verdictReasonOf(code: number): VerdictReason {
  const reason = VERDICT_REASONS[code]
  if (reason === undefined) throw new RangeError(`No verdict reason has the code ${code}`)
  return reason
}

export const VERDICT_REASON_SENTENCES: Record<VerdictReason, string> = {
  'signed-and-permitted': 'The signature is good and the signer may publish on this stream.',
  'signature-invalid': 'The signature does not belong to the publisher the message names.',
  'signature-high-s': 'The signature is in its malleable high-s form, which Tidemark refuses.',
  'no-publish-permission':
    'The signature is good, but the signer had no permission to publish on this stream.',
  'permission-expired': 'The signature is good, but the signer’s permission to publish had expired.',
  'permission-unknown': 'The signature is good; the publish permission is not known yet.',
  'rpc-unavailable': 'The check needs the chain, and no RPC endpoint answers at the moment.',
  'signature-type-unsupported': 'This type of signature is not known to this version of Tidemark.',
  'contract-refused-signature': 'The signer’s contract (ERC-1271) did not accept the signature.',
  'stream-unknown': 'The stream is not in the registry.',
  'partition-out-of-range': 'The stream has no such partition.',
}
