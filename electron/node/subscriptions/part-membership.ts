import type { StreamPartId } from '../../../shared/message.ts'
import type { MessageSource } from '../ports.ts'

/** Keeps a stream part joined for as long as anybody wants it: the user's subscription, or an assignment. */
export interface PartMembership {
  /** A view for one who wants parts; its `subscribe` and `unsubscribe` count for itself alone. */
  member(): Pick<MessageSource, 'subscribe' | 'unsubscribe'>
}

/** Joins a part with its first member and leaves it with its last. Calls for one part are carried out in turn. */
export function createPartMembership(
  source: Pick<MessageSource, 'subscribe' | 'unsubscribe'>,
): PartMembership {
  const members = new Map<StreamPartId, Set<object>>()
  const turns = new Map<StreamPartId, Promise<void>>()

  const inTurn = (part: StreamPartId, work: () => Promise<void>): Promise<void> => {
    const turn = (turns.get(part) ?? Promise.resolve()).then(work)
    const settled = turn.catch(() => undefined)
    turns.set(part, settled)
    void settled.then(() => {
      if (turns.get(part) === settled) turns.delete(part)
    })
    return turn
  }

  return {
    member() {
      const self = {}
      return {
        subscribe: (part) => {
          const wanted = members.get(part) ?? new Set()
          members.set(part, wanted.add(self))
          // Also when others have joined it: their attempt may have failed.
          return inTurn(part, () => source.subscribe(part))
        },
        unsubscribe: (part) =>
          inTurn(part, async () => {
            const wanted = members.get(part)
            if (!wanted?.delete(self) || wanted.size > 0) return
            members.delete(part)
            await source.unsubscribe(part)
          }),
      }
    },
  }
}
