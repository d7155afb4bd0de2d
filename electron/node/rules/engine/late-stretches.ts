import { MAX_LATE_STRETCHES } from '../limits.ts'
import type { RuleCursor } from '../ports.ts'

/** Where something came in that was too late to be judged with the others of its time. */
export interface LateStretch {
  part: string
  /** Message time, ms, inclusive. */
  from: number
  to: number
  /** When it came in by this node's clock, ms. */
  receivedAt: number
  /** Messages without a good signature, or of somebody without the right, are among them. */
  forged: boolean
  unauthorised: boolean
}

export interface WaitingStretch extends Pick<LateStretch, 'part' | 'from' | 'to'> {
  /** How far it was looked through. */
  cursor: RuleCursor | null
}

/** Stretches that are looked through bit by bit, so that a flood of old messages holds up nothing. */
export class LateStretches {
  readonly #waiting: WaitingStretch[] = []

  /** What overlaps one that was not begun becomes one with it. Of too many, the oldest are given up. */
  add({ part, from, to }: Pick<LateStretch, 'part' | 'from' | 'to'>): void {
    const other = this.#waiting.find(
      (one) => one.part === part && one.cursor === null && one.from <= to && one.to >= from,
    )
    if (other !== undefined) {
      other.from = Math.min(other.from, from)
      other.to = Math.max(other.to, to)
      return
    }
    if (this.#waiting.length >= MAX_LATE_STRETCHES) this.#waiting.shift()
    this.#waiting.push({ part, from, to, cursor: null })
  }

  first(): WaitingStretch | undefined {
    return this.#waiting[0]
  }

  /** The first is looked through up to there; null for all of it. */
  reached(cursor: RuleCursor | null): void {
    const first = this.#waiting[0]
    if (first !== undefined && cursor !== null) first.cursor = cursor
    else this.#waiting.shift()
  }
}
