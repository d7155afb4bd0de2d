import { createExternalStore, type ExternalStore } from '../ui/external-store.ts'

/** Whether the node can be spoken to; `since` is ms since the epoch. */
export type ConnectionState =
  | { kind: 'connecting'; since: number }
  | { kind: 'open'; since: number }
  | { kind: 'lost'; since: number }

/** A connection that was lost counts as regained once it has held so long: one that is refused at once has not. */
const STABLE_MS = 400

export interface Connection {
  readonly state: ExternalStore<ConnectionState>
  opened(): void
  closed(): void
  /** Called each time the node is reached again after it was lost: everything on screen may have changed. */
  onRegained(listener: () => void): () => void
}

export function createConnection(now: () => number = Date.now): Connection {
  const state = createExternalStore<ConnectionState>({ kind: 'connecting', since: now() })
  const listeners = new Set<() => void>()
  let settling: ReturnType<typeof setTimeout> | undefined

  function regain(): void {
    settling = undefined
    state.set({ kind: 'open', since: now() })
    for (const listener of listeners) listener()
  }

  return {
    state,
    opened() {
      if (state.get().kind === 'lost') settling ??= setTimeout(regain, STABLE_MS)
      else if (state.get().kind === 'connecting') state.set({ kind: 'open', since: now() })
    },
    closed() {
      clearTimeout(settling)
      settling = undefined
      if (state.get().kind === 'open') state.set({ kind: 'lost', since: now() })
    },
    onRegained(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
