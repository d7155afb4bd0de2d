import type { RawMessage } from '../ports.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_DELAY_MS, MAX_BATCH_MESSAGES } from './verifier-limits.ts'

/**
 * Gathers live messages into batches: a batch is full at its bounds, and due a few milliseconds after its first
 * message. A due batch that no worker has room for keeps growing, so batches get larger as load rises.
 */
export class LiveCollector {
  readonly #onDue: () => void
  #messages: RawMessage[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #isDue = false

  /** @param onDue called when a batch has waited long enough; `take` then returns it. */
  constructor(onDue: () => void) {
    this.#onDue = onDue
  }

  get isDue(): boolean {
    return this.#isDue
  }

  /** Adds a message; returns the batch that it would not fit into any more. */
  add(message: RawMessage): RawMessage[] | undefined {
    const isFull =
      this.#messages.length >= MAX_BATCH_MESSAGES ||
      (this.#messages.length > 0 && this.#bytes + message.bytes.length > MAX_BATCH_BYTES)
    const full = isFull ? this.take() : undefined
    this.#messages.push(message)
    this.#bytes += message.bytes.length
    this.#timer ??= setTimeout(() => {
      this.#isDue = true
      this.#onDue()
    }, MAX_BATCH_DELAY_MS)
    return full
  }

  /** What has been gathered; undefined when that is nothing. */
  take(): RawMessage[] | undefined {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
    if (this.#messages.length === 0) return undefined
    const messages = this.#messages
    this.#messages = []
    this.#bytes = 0
    return messages
  }
}
