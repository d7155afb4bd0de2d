import { hash } from 'node:crypto'
import type { Proof, ProofV1 } from '../../../shared/proof.ts'

/** A proof without its own digest and signature, keys in the order of the schema. */
export type ProofBody = Omit<Proof, 'bodyDigest' | 'signature'>

/** SHA-256, in hex, of the body as JSON without white space. */
export function proofBodyDigest(body: ProofBody | Omit<ProofV1, 'bodyDigest'>): string {
  return hash('sha256', JSON.stringify(body), 'hex')
}
