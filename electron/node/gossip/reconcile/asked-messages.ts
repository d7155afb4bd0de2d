import { SURPLUS_MESSAGES, SURPLUS_SHARE } from '../limits.ts'
import { indexOfNumber, scaledIds } from '../riblt/golomb-set.ts'
import { DIGEST_PREFIX_BYTES, type SessionKey, shortIds } from '../riblt/short-ids.ts'
import { type BucketGrid, bucketIndex } from './bucket-grid.ts'
import type { ReceivedMessage } from './incoming-messages.ts'

/** Ids that were named to the peer, as the numbers of a coded set of `count` ids with `bits` bits. */
export interface NamedIds {
  readonly numbers: Float64Array
  readonly count: number
  readonly bits: number
}

export interface AskedMessagesOptions {
  grid: BucketGrid
  key: SessionKey
  named: NamedIds
  /** Buckets asked for whole. */
  wholeBuckets: readonly number[]
  /** Messages the peer said it has in them. */
  wholeMessages: number
}

/** Keeps account of what was asked of a peer and what of it has come. */
export class AskedMessages {
  readonly #options: AskedMessagesOptions
  readonly #wholeBuckets: ReadonlySet<number>
  readonly #hasCome: Uint8Array
  #namedCome = 0
  #wholeCome = 0

  constructor(options: AskedMessagesOptions) {
    this.#options = options
    this.#wholeBuckets = new Set(options.wholeBuckets)
    this.#hasCome = new Uint8Array(options.named.numbers.length)
  }

  get promised(): number {
    return this.#options.named.numbers.length + this.#options.wholeMessages
  }

  /** Most messages that may come: names are short and pass for a few others. */
  get limit(): number {
    return this.promised + Math.max(SURPLUS_MESSAGES, Math.floor(this.promised * SURPLUS_SHARE))
  }

  /** Messages that were promised and have not come. */
  get missing(): number {
    const wholeMissing = Math.max(0, this.#options.wholeMessages - this.#wholeCome)
    return this.#options.named.numbers.length - this.#namedCome + wholeMissing
  }

  /** Whether a message was asked for; counts it as come. */
  take(message: ReceivedMessage): boolean {
    const { grid, key, named } = this.#options
    if (this.#wholeBuckets.has(bucketIndex(grid, message.id.timestamp))) {
      this.#wholeCome += 1
      return true
    }
    const id = shortIds(key, message.digest.subarray(0, DIGEST_PREFIX_BYTES))
    const index = indexOfNumber(named.numbers, scaledIds(id, named.count, named.bits)[0] ?? -1)
    if (index < 0) return false
    if (this.#hasCome[index] === 0) this.#namedCome += 1
    this.#hasCome[index] = 1
    return true
  }
}
