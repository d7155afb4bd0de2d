import { MAX_REMEMBERED_SECONDS } from './limits.ts'

/** By second what the store held there when it was read. */
export type SecondStamps = ReadonlyMap<number, string>

/** Remembers the seconds of slots that were read lately, of all stream parts, so that of one that grows only what is new is read. */
export class SlotMemory {
  /** The one unused longest first. */
  readonly #slots = new Map<string, SecondStamps>()
  #seconds = 0

  get(part: number, slot: number): SecondStamps | undefined {
    return this.#slots.get(keyOf(part, slot))
  }

  set(part: number, slot: number, seconds: SecondStamps): void {
    this.delete(part, slot)
    this.#slots.set(keyOf(part, slot), seconds)
    this.#seconds += seconds.size
    for (const [oldest, { size }] of this.#slots) {
      if (this.#seconds <= MAX_REMEMBERED_SECONDS) return
      this.#slots.delete(oldest)
      this.#seconds -= size
    }
  }

  delete(part: number, slot: number): void {
    const key = keyOf(part, slot)
    this.#seconds -= this.#slots.get(key)?.size ?? 0
    this.#slots.delete(key)
  }
}

function keyOf(part: number, slot: number): string {
  return `${part} ${slot}`
}
