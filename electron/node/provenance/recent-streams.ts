/** Shortest time between two looks at the recent messages of one stream, ms: changes can be provoked. */
const INTERVAL_MS = 10_000

interface Turn {
  lookedAt: number
  isWanted: boolean
}

/** Streams that have changed, each taken at most once an interval. */
export class RecentStreams {
  readonly #turns = new Map<string, Turn>()

  want(streamId: string): void {
    const turn = this.#turns.get(streamId)
    if (turn === undefined) this.#turns.set(streamId, { lookedAt: Number.NEGATIVE_INFINITY, isWanted: true })
    else turn.isWanted = true
  }

  /** The streams whose turn it is; they are not wanted any more. */
  take(now: number): string[] {
    const due: string[] = []
    for (const [streamId, turn] of this.#turns) {
      if (turn.lookedAt + INTERVAL_MS > now) continue
      if (turn.isWanted) {
        due.push(streamId)
        turn.isWanted = false
        turn.lookedAt = now
      } else this.#turns.delete(streamId)
    }
    return due
  }

  /** Time until a stream has its turn, ms; infinite when none is wanted. */
  delayMs(now: number): number {
    let delayMs = Number.POSITIVE_INFINITY
    for (const { lookedAt, isWanted } of this.#turns.values()) {
      if (isWanted) delayMs = Math.min(delayMs, Math.max(0, lookedAt + INTERVAL_MS - now))
    }
    return delayMs
  }
}
