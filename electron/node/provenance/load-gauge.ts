import { MAX_UNSTORED_BYTES, MAX_UNSTORED_MESSAGES } from './verifier-limits.ts'

/** Counts what was taken and is not yet on disk, and wakes those who wait for room or for all of it. */
export class LoadGauge {
  #messages = 0
  #bytes = 0
  #waitingForRoom: (() => void)[] = []
  #waitingForNone: (() => void)[] = []

  get messages(): number {
    return this.#messages
  }

  get bytes(): number {
    return this.#bytes
  }

  get isFull(): boolean {
    return this.#messages >= MAX_UNSTORED_MESSAGES || this.#bytes >= MAX_UNSTORED_BYTES
  }

  add(messages: number, bytes: number): void {
    this.#messages += messages
    this.#bytes += bytes
  }

  remove(messages: number, bytes: number): void {
    this.#messages -= messages
    this.#bytes -= bytes
    if (!this.isFull) this.#waitingForRoom = wake(this.#waitingForRoom)
    if (this.#messages === 0) this.#waitingForNone = wake(this.#waitingForNone)
  }

  /** Resolves when there is room. @throws the signal's reason when it aborts */
  async room(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    while (this.isFull) {
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal?.reason)
        signal?.addEventListener('abort', abort, { once: true })
        this.#waitingForRoom.push(() => {
          signal?.removeEventListener('abort', abort)
          resolve()
        })
      })
    }
  }

  /** Resolves when nothing is left. */
  none(): Promise<void> {
    if (this.#messages === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waitingForNone.push(resolve))
  }
}

function wake(waiting: (() => void)[]): [] {
  for (const resolve of waiting) resolve()
  return []
}
