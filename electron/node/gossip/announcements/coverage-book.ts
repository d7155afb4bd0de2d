import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock } from '../../ports.ts'
import { ANNOUNCEMENT_LIFETIME_MS, MAX_COVERED_PARTS, MAX_HOLDERS_PER_PART } from '../limits.ts'
import type { Coverage } from './coverage.ts'

/** What a node said it covers, and when that was heard. */
export interface HeardCoverage {
  readonly peerId: string
  readonly coverage: Coverage
  /** By this node's clock, ms. */
  readonly heardAt: number
}

/** Who holds what, as far as it was announced lately. */
export class CoverageBook {
  readonly #clock: Clock
  readonly #parts = new Map<StreamPartId, Map<string, HeardCoverage>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes an announcement in, unless there is no room for one more part or holder. */
  put(peerId: string, coverage: Coverage): void {
    let holders = this.#parts.get(coverage.part)
    if (holders === undefined) {
      if (this.#parts.size >= MAX_COVERED_PARTS) return
      holders = new Map()
      this.#parts.set(coverage.part, holders)
    }
    if (!holders.has(peerId) && holders.size >= MAX_HOLDERS_PER_PART) this.#dropOldest(holders)
    holders.set(peerId, { peerId, coverage, heardAt: this.#clock.now() })
  }

  get(part: StreamPartId, peerId: string): HeardCoverage | undefined {
    const heard = this.#parts.get(part)?.get(peerId)
    return heard !== undefined && this.#isFresh(heard) ? heard : undefined
  }

  /** All that is known of a part and not too old. */
  of(part: StreamPartId): HeardCoverage[] {
    return [...(this.#parts.get(part)?.values() ?? [])].filter((heard) => this.#isFresh(heard))
  }

  forget(part: StreamPartId): void {
    this.#parts.delete(part)
  }

  #isFresh({ heardAt }: HeardCoverage): boolean {
    return this.#clock.now() - heardAt < ANNOUNCEMENT_LIFETIME_MS
  }

  #dropOldest(holders: Map<string, HeardCoverage>): void {
    const [oldest] = [...holders.values()].sort((a, b) => a.heardAt - b.heardAt)
    if (oldest !== undefined) holders.delete(oldest.peerId)
  }
}
