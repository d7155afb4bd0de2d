import { hash } from 'node:crypto'
import { verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'
import { DigestSum } from '../message/digest-sum.ts'
import type { StoredMessage } from '../ports.ts'
import { type CompleteBucket, startOf } from './bucket-rows.ts'
import { BUCKET_MS } from './limits.ts'

/** What the store holds of a minute, as it is read in the order of time. */
class MinuteSum {
  readonly start: number
  readonly verified = new DigestSum()
  readonly others = new DigestSum()

  constructor(start: number) {
    this.start = start
  }

  toBucket(): CompleteBucket {
    return {
      start: this.start,
      verified: this.verified.count,
      sum: this.verified.sum,
      others: othersBytes(this.others),
    }
  }
}

/** Adds up messages minute by minute; what is behind the newest is complete. */
export class MinuteSums {
  #current: MinuteSum | null = null

  /** @returns minutes that ended before the last of these messages */
  add(messages: Iterable<StoredMessage>): CompleteBucket[] {
    const complete: CompleteBucket[] = []
    for (const message of messages) {
      const start = startOf(BUCKET_MS, message.id.timestamp)
      if (this.#current?.start !== start) {
        complete.push(...this.end())
        this.#current = new MinuteSum(start)
      }
      if (message.verdict === 'verified') this.#current.verified.add(message.digest)
      else this.#current.others.add(digestOfOther(message))
    }
    return complete
  }

  /** The last minute, when all of it was read. */
  end(): CompleteBucket[] {
    const last = this.#current
    this.#current = null
    return last === null ? [] : [last.toBucket()]
  }
}

/** Of a message that is not verified its verdict and reason may change as well, and copies differ in their bytes. */
function digestOfOther({ digest, verdict, reason, raw }: StoredMessage): Uint8Array {
  const copy = hash('sha256', raw, 'buffer')
  const codes = Uint8Array.of(verdictCode(verdict), verdictReasonCode(reason))
  return hash('sha256', Buffer.concat([digest, codes, copy]), 'buffer')
}

/** Number and sum in one text of bytes; empty when there are none. */
function othersBytes({ count, sum }: DigestSum): Uint8Array {
  return count === 0 ? new Uint8Array(0) : Buffer.concat([sum, Buffer.from(String(count))])
}
