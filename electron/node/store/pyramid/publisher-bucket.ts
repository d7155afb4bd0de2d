import { FieldStatistics } from './field-statistics.ts'

/**
 * What one publisher's messages in one bucket hold, or a change to it. Forged messages are not among them:
 * the publisher did not send them. They are laid over a chart when it is read.
 */
export class PublisherBucket {
  readonly bucket: number
  verified = 0
  pending = 0
  unauthorised = 0
  /** Messages here that name a predecessor nobody has shown. */
  gaps = 0
  readonly fields: FieldStatistics

  constructor(bucket: number, slots = 0) {
    this.bucket = bucket
    this.fields = new FieldStatistics(slots)
  }

  get isEmpty(): boolean {
    return this.verified === 0 && this.pending === 0 && this.unauthorised === 0 && this.gaps === 0
  }

  /** Chunks with something in them; the first one always has the counts. */
  get chunks(): number {
    return this.fields.chunks | 1
  }

  addCount(verdict: number, sign: 1 | -1): void {
    if (verdict === 0) this.verified += sign
    else if (verdict === 1) this.pending += sign
    else if (verdict === 2) this.unauthorised += sign
  }

  add(other: PublisherBucket): void {
    this.addCounts(other)
    this.fields.add(other.fields)
  }

  /** Adds all but the fields. */
  addCounts(other: PublisherBucket): void {
    this.verified += other.verified
    this.pending += other.pending
    this.unauthorised += other.unauthorised
    this.gaps += other.gaps
  }
}
