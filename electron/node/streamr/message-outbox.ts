/**
 * Streamr's network refuses messages above 1 MiB (its `maxMessageSize`); a few bytes of framing are around it.
 * Anything larger did not come over the network and is not taken.
 */
export const MAX_MESSAGE_BYTES = 1_048_576
/** Bytes that may be on their way to the receiver: gossip cannot be slowed down, memory has to end somewhere. */
const MAX_BYTES_IN_FLIGHT = 64 * 1_048_576

export interface Refusals {
  oversized: number
  unreadable: number
  overflowed: number
}

/**
 * Collects messages as they arrive and hands them over in batches, one batch per turn of the event loop.
 * When the receiver does not keep up, new messages are refused and counted: they are gaps that can be filled.
 */
export class MessageOutbox {
  readonly #send: (messages: Uint8Array[], receivedAt: number) => void
  readonly #onRefused: (refusals: Refusals) => void
  #batch: Uint8Array[] = []
  #bytesInFlight = 0
  #refusals: Refusals = { oversized: 0, unreadable: 0, overflowed: 0 }
  #flushScheduled = false

  constructor(
    send: (messages: Uint8Array[], receivedAt: number) => void,
    onRefused: (refusals: Refusals) => void,
  ) {
    this.#send = send
    this.#onRefused = onRefused
  }

  add(message: Uint8Array): void {
    if (message.byteLength > MAX_MESSAGE_BYTES) {
      this.refuse('oversized')
    } else if (this.#bytesInFlight + message.byteLength > MAX_BYTES_IN_FLIGHT) {
      this.refuse('overflowed')
    } else {
      this.#bytesInFlight += message.byteLength
      this.#batch.push(message)
      this.#schedule()
    }
  }

  refuse(reason: keyof Refusals): void {
    this.#refusals[reason] += 1
    this.#schedule()
  }

  /** The receiver has taken this many bytes. */
  taken(bytes: number): void {
    this.#bytesInFlight -= bytes
  }

  #schedule(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#flushScheduled = false
    if (this.#batch.length > 0) {
      const batch = this.#batch
      this.#batch = []
      this.#send(batch, Date.now())
    }
    const { oversized, unreadable, overflowed } = this.#refusals
    if (oversized + unreadable + overflowed > 0) {
      this.#refusals = { oversized: 0, unreadable: 0, overflowed: 0 }
      this.#onRefused({ oversized, unreadable, overflowed })
    }
  }
}
