import { createExternalStore, type ExternalStore } from '../ui/external-store.ts'

/** Whether the node can be spoken to; `since` is ms since the epoch. */
export type ConnectionState =
  | { kind: 'connecting'; since: number }
  | { kind: 'open'; since: number }
  | { kind: 'lost'; since: number }

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
  return {
    state,
    opened() {
      const wasLost = state.get().kind === 'lost'
      if (state.get().kind !== 'open') state.set({ kind: 'open', since: now() })
      if (wasLost) for (const listener of listeners) listener()
    },
    closed() {
      if (state.get().kind !== 'lost') state.set({ kind: 'lost', since: now() })
    },
    onRegained(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
