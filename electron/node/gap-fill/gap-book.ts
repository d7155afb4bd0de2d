import type { StreamPartId } from '../../../shared/message.ts'
import type { GapFillView } from '../../../shared/storage.ts'
import { compareMessageRefs } from '../message/order.ts'
import type { GapRecord } from '../ports.ts'

/** One gap that is followed from its finding to its filling. */
export interface FollowedGap {
  readonly part: StreamPartId
  readonly publisher: string
  readonly chain: string
  readonly missing: GapRecord['missing']
  state: GapFillView['state']
  attempts: number
  /** Ms since the epoch; `null` when given up. */
  nextAttemptAt: number | null
  sentence: string
}

/** The gaps that are followed, by part. */
export class GapBook {
  readonly #parts = new Map<StreamPartId, Map<string, FollowedGap>>()

  /**
   * Takes over what the store says of a part now. New gaps wait until `firstAttemptAt`.
   * @returns how many gaps of the part are gone
   */
  update(part: StreamPartId, records: readonly GapRecord[], firstAttemptAt: number): number {
    const before = this.#parts.get(part) ?? new Map<string, FollowedGap>()
    const after = new Map<string, FollowedGap>()
    for (const { publisher, chain, missing } of records) {
      const key = `${publisher} ${missing.timestamp} ${missing.sequence} ${chain}`
      const known = before.get(key) ?? after.get(key)
      after.set(
        key,
        known ?? {
          part,
          publisher,
          chain,
          missing,
          state: 'waiting',
          attempts: 0,
          nextAttemptAt: firstAttemptAt,
          sentence: 'It may still arrive by itself.',
        },
      )
    }
    if (after.size > 0) this.#parts.set(part, after)
    else this.#parts.delete(part)
    return [...before.keys()].filter((key) => !after.has(key)).length
  }

  forget(part: StreamPartId): void {
    this.#parts.delete(part)
  }

  of(part: StreamPartId): FollowedGap[] {
    return [...(this.#parts.get(part)?.values() ?? [])]
  }

  *all(): Generator<FollowedGap> {
    for (const gaps of this.#parts.values()) yield* gaps.values()
  }

  /**
   * Gaps whose turn has come, joined into stretches of one chain each: those closer than `withinMs` go together.
   * @returns stretches in no particular order, the gaps of each in the order of their chain
   */
  due(now: number, withinMs: number): FollowedGap[][] {
    const chains = new Map<string, FollowedGap[]>()
    for (const gap of this.all()) {
      if (gap.state !== 'waiting' || gap.nextAttemptAt === null || gap.nextAttemptAt > now) continue
      const key = `${gap.part} ${gap.publisher} ${gap.chain}`
      const gaps = chains.get(key)
      if (gaps === undefined) chains.set(key, [gap])
      else gaps.push(gap)
    }
    return [...chains.values()].flatMap((gaps) => joinClose(gaps, withinMs))
  }

  /** When the next gap is due, ms since the epoch. */
  nextAttemptAt(): number {
    let next = Number.POSITIVE_INFINITY
    for (const gap of this.all()) {
      if (gap.state === 'waiting') next = Math.min(next, gap.nextAttemptAt ?? next)
    }
    return next
  }
}

function joinClose(gaps: FollowedGap[], withinMs: number): FollowedGap[][] {
  gaps.sort((a, b) => compareMessageRefs(a.missing, b.missing))
  const stretches: FollowedGap[][] = []
  let last: FollowedGap | undefined
  for (const gap of gaps) {
    if (last !== undefined && gap.missing.timestamp - last.missing.timestamp <= withinMs)
      stretches.at(-1)?.push(gap)
    else stretches.push([gap])
    last = gap
  }
  return stretches
}
