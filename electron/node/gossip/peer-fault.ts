/**
 * What a peer can do wrong. Stable: reports, scores and logs carry these codes.
 *
 * `lie` faults cannot happen to an honest peer and cost most of its score; `lapse` faults happen to honest peers
 * that are overloaded or gone.
 */
export const PEER_FAULTS = {
  malformed: 'lie',
  'too-large': 'lie',
  unexpected: 'lie',
  foreign: 'lie',
  unasked: 'lie',
  duplicate: 'lie',
  unordered: 'lie',
  endless: 'lie',
  forged: 'lie',
  withheld: 'lie',
  'fingerprint-false': 'lie',
  'sketch-invalid': 'lie',
  'sketch-undecodable': 'lie',
  'vouch-invalid': 'lie',
  flood: 'lie',
  refused: 'lapse',
  late: 'lapse',
  died: 'lapse',
  unreachable: 'lapse',
} as const satisfies Record<string, 'lie' | 'lapse'>

export type PeerFaultCode = keyof typeof PEER_FAULTS

/** A peer did not do what the protocol asks. Ends the exchange with that peer and is named in the result. */
export class PeerFault extends Error {
  override readonly name = 'PeerFault'
  readonly code: PeerFaultCode
  constructor(code: PeerFaultCode, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.code = code
  }

  get isLie(): boolean {
    return PEER_FAULTS[this.code] === 'lie'
  }
}
