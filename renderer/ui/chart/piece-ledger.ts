/**
 * Who needs which pieces. Both ends of a thread keep the same ledger of the same jobs in the same order, so that each
 * knows what the other still has, and nothing is kept that no panel draws.
 */
export interface PieceLedger {
  has(id: number): boolean
  /** What a panel needs from now on, in place of what it needed. @returns what nobody needs any more */
  need(seat: number, ids: ReadonlySet<number>): number[]
  /** The other end has begun anew. */
  clear(): void
}

export function createPieceLedger(): PieceLedger {
  const users = new Map<number, number>()
  const needs = new Map<number, ReadonlySet<number>>()

  return {
    has: (id) => users.has(id),
    need(seat, ids) {
      const before = needs.get(seat) ?? new Set()
      for (const id of ids) if (!before.has(id)) users.set(id, (users.get(id) ?? 0) + 1)
      const dropped: number[] = []
      for (const id of before) {
        if (ids.has(id)) continue
        const left = (users.get(id) ?? 0) - 1
        if (left > 0) users.set(id, left)
        else {
          users.delete(id)
          dropped.push(id)
        }
      }
      if (ids.size > 0) needs.set(seat, ids)
      else needs.delete(seat)
      return dropped
    },
    clear() {
      users.clear()
      needs.clear()
    },
  }
}
