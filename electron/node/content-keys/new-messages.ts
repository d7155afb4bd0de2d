import type { MessageRef, StreamPartId } from '../../../shared/message.ts'
import { MAX_SEQUENCE } from '../message/limits.ts'
import type { Clock, StoredNotice } from '../ports.ts'
import { PLAIN_FOR_MS } from './limits.ts'
import type { EncryptedStore } from './ports.ts'

/** Messages of a part, both ends inclusive. */
export interface Stretch {
  part: StreamPartId
  from: MessageRef
  to: MessageRef
  publisher?: string
}

/** Stretches in which something was stored since they were looked at last, of parts whose messages are encrypted. */
export class NewMessages {
  readonly #store: EncryptedStore
  readonly #clock: Clock
  readonly #spans = new Map<StreamPartId, { first: number; last: number }>()
  /** Until when a part is taken for plain, so that busy plain parts are not read twice. */
  readonly #plainUntil = new Map<StreamPartId, number>()

  constructor(store: EncryptedStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  note({ part, stored, firstTimestamp, lastTimestamp }: StoredNotice): void {
    // A notice without new messages is about verdicts, or about what was opened here.
    if (stored === 0) return
    const span = this.#spans.get(part)
    if (span === undefined) {
      this.#spans.set(part, { first: firstTimestamp, last: lastTimestamp })
      return
    }
    span.first = Math.min(span.first, firstTimestamp)
    span.last = Math.max(span.last, lastTimestamp)
  }

  async *takeEncrypted(signal: AbortSignal): AsyncGenerator<Stretch> {
    for (const [part, { first, last }] of [...this.#spans]) {
      signal.throwIfAborted()
      if ((this.#plainUntil.get(part) ?? 0) > this.#clock.now()) continue
      this.#spans.delete(part)
      if (!(await this.#isEncrypted(part, last, signal))) {
        this.#plainUntil.set(part, this.#clock.now() + PLAIN_FOR_MS)
        continue
      }
      this.#plainUntil.delete(part)
      yield { part, from: { timestamp: first, sequence: 0 }, to: { timestamp: last, sequence: MAX_SEQUENCE } }
    }
  }

  /** Streams are encrypted or not as a whole, by whether everybody may read them: the newest message tells. */
  async #isEncrypted(part: StreamPartId, last: number, signal: AbortSignal): Promise<boolean> {
    const to = { timestamp: last, sequence: MAX_SEQUENCE }
    for await (const [newest] of this.#store.query({ part, to, order: 'descending', limit: 1 }, signal)) {
      return newest?.encrypted ?? false
    }
    return false
  }
}
