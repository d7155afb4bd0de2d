import type { Clock } from '../../ports.ts'
import { PEER_FAULTS, type PeerFaultCode } from '../peer-fault.ts'

/** Best score; reached by twenty good answers, so that one lie outweighs any past. */
export const MAX_SCORE = 20
const GOOD_ANSWER = 1

/** At or below this score a peer is banned: two lies within an hour, or ten lapses. */
export const BAN_AT_SCORE = -80

/** Scores return to zero by half in this time, ms. */
const HALF_LIFE_MS = 3_600_000

/** A suspicion alone never bans: honest peers raise one now and then. */
const SUSPICION = -10

/** What a fault costs where it costs something else than others of its kind. */
const COSTS: Partial<Record<PeerFaultCode, number>> = {
  forged: -80,
  withheld: -20,
  refused: -1,
  unreachable: -2,
}
const LIE = -40
const LAPSE = -8

/** Scores of peers that were not heard of for long are the first to be forgotten. */
const MAX_SCORES = 10_000

interface Score {
  value: number
  at: number
}

/**
 * What this node thinks of others, by Streamr address where they have vouched for one and by peer id otherwise, so
 * that a new libp2p key does not wash an address clean. 0 is a stranger.
 */
export class PeerScores {
  readonly #clock: Clock
  readonly #scores = new Map<string, Score>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  scoreOf(who: string): number {
    const score = this.#scores.get(who)
    if (score === undefined) return 0
    return score.value * 0.5 ** (Math.max(0, this.#clock.now() - score.at) / HALF_LIFE_MS)
  }

  answered(who: string): number {
    return this.#add(who, GOOD_ANSWER)
  }

  /** Returns the score after the fault. */
  fault(who: string, code: PeerFaultCode): number {
    return this.#add(who, COSTS[code] ?? (PEER_FAULTS[code] === 'lie' ? LIE : LAPSE))
  }

  suspicion(who: string): number {
    return this.#add(who, SUSPICION)
  }

  /** Carries what was thought of a peer over to the address it has vouched for. */
  merge(peerId: string, address: string): void {
    const value = this.scoreOf(peerId)
    if (value < 0) this.#add(address, value)
    this.#scores.delete(peerId)
  }

  forget(who: string): void {
    this.#scores.delete(who)
  }

  #add(who: string, change: number): number {
    const value = Math.min(MAX_SCORE, this.scoreOf(who) + change)
    this.#scores.delete(who)
    this.#scores.set(who, { value, at: this.#clock.now() })
    const oldest = this.#scores.keys().next()
    if (this.#scores.size > MAX_SCORES && oldest.done !== true) this.#scores.delete(oldest.value)
    return value
  }
}
