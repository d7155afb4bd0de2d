import { hash } from 'node:crypto'
import type { Proof } from '../../../shared/proof.ts'

/** A proof without its own digest, keys in the order of the schema. */
export type ProofBody = Omit<Proof, 'bodyDigest'>

/** SHA-256, in hex, of the body as JSON without white space. */
export function proofBodyDigest(body: ProofBody): string {
  return hash('sha256', JSON.stringify(body), 'hex')
}
