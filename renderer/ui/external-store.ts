import { useSyncExternalStore } from 'react'

/** A value outside React that components may follow: one value, one set, one list of listeners. */
export interface ExternalStore<T> {
  get(): T
  set(next: T): void
  subscribe(listener: () => void): () => void
}

export function createExternalStore<T>(initial: T): ExternalStore<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export function useExternalStore<T>(store: ExternalStore<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/**
 * A store whose value outlives the page, in the browser's own storage. What was kept by another version or by
 * hand goes through `read`, which answers `null` for what it does not understand.
 */
export function createPersistedStore<T>(
  key: string,
  fallback: T,
  read: (kept: unknown) => T | null,
): ExternalStore<T> {
  const storageKey = `tidemark:${key}`
  const store = createExternalStore<T>(readKept(storageKey, read) ?? fallback)
  return {
    ...store,
    set(next) {
      store.set(next)
      try {
        localStorage.setItem(storageKey, JSON.stringify(next))
      } catch {
        // Storage is full or refused: the choice holds until the page is closed.
        return
      }
    },
  }
}

function readKept<T>(storageKey: string, read: (kept: unknown) => T | null): T | null {
  try {
    const kept = localStorage.getItem(storageKey)
    return kept === null ? null : read(JSON.parse(kept))
  } catch {
    return null
  }
}
