/** Streams that are waited for at once; past it the oldest are let go, and are asked about again in time. */
const MAX_STREAMS = 10_000

/** Streams about which an answer had to be put off until the chain has gone on, and until when. */
export class UndecidedStreams {
  readonly #decidedAtMs = new Map<string, number>()

  /** Remembers that something about the stream can be said once the chain's time is `decidedAtMs`. */
  add(streamId: string, decidedAtMs: number): void {
    const earlier = this.#decidedAtMs.get(streamId)
    if (earlier !== undefined && earlier <= decidedAtMs) return
    this.#decidedAtMs.set(streamId, decidedAtMs)
    if (this.#decidedAtMs.size > MAX_STREAMS) {
      const [oldest] = this.#decidedAtMs.keys()
      if (oldest !== undefined) this.#decidedAtMs.delete(oldest)
    }
  }

  /** Streams whose time has come; they are not remembered any more. */
  takeDecided(chainTimeMs: number): string[] {
    const decided: string[] = []
    for (const [streamId, decidedAtMs] of this.#decidedAtMs) {
      if (decidedAtMs > chainTimeMs) continue
      decided.push(streamId)
      this.#decidedAtMs.delete(streamId)
    }
    return decided
  }
}
