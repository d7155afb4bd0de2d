import { VERDICTS } from '../../../../shared/verdict.ts'
import { DigestSum } from './fingerprint.ts'

const VERIFIED = VERDICTS.indexOf('verified')

/**
 * What one bucket of a stream part holds, or a change to it: counts may be negative in a change. The
 * fingerprint covers the digests of verified messages alone, which is the set two nodes can agree on: pending
 * ones are not decided yet, and what is unauthorised or forged is nothing a peer should be asked for.
 */
export class PartBucket {
  readonly bucket: number
  readonly chunks = 1
  bytes = 0
  verified = 0
  pending = 0
  unauthorised = 0
  forged = 0
  equivocations = 0
  gaps = 0
  fingerprint = new DigestSum()

  constructor(bucket: number) {
    this.bucket = bucket
  }

  get count(): number {
    return this.verified + this.pending + this.unauthorised + this.forged
  }

  get isEmpty(): boolean {
    return this.count === 0 && this.gaps === 0
  }

  /** Adds (`sign` 1) or takes away (`sign` -1) one message. */
  addMessage(verdict: number, sizeBytes: number, digest: Uint8Array, sign: 1 | -1): void {
    this.addCount(verdict, sizeBytes, sign)
    if (verdict === VERIFIED) this.fingerprint.addDigest(digest, sign)
  }

  /** As `addMessage`, without the fingerprint. */
  addCount(verdict: number, sizeBytes: number, sign: 1 | -1): void {
    this.bytes += sign * sizeBytes
    if (verdict === VERIFIED) this.verified += sign
    else if (verdict === 1) this.pending += sign
    else if (verdict === 2) this.unauthorised += sign
    else this.forged += sign
  }

  add(other: PartBucket): void {
    this.bytes += other.bytes
    this.verified += other.verified
    this.pending += other.pending
    this.unauthorised += other.unauthorised
    this.forged += other.forged
    this.equivocations += other.equivocations
    this.gaps += other.gaps
    this.fingerprint.addSum(other.fingerprint)
  }
}
