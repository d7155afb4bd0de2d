import { createExternalStore, type ExternalStore } from '../external-store.ts'

/** Where the crosshair stands: one time in all panels. */
export interface Cursor {
  /** Ms since the epoch. */
  at: number
  /** The panel under the pointer or the focus. */
  panel: string
  /** Height of the pointer in that panel; null when it is led by keyboard. */
  y: number | null
  /** Stays where it is while the pointer moves on. */
  isLocked: boolean
}

export interface CursorStore extends ExternalStore<Cursor | null> {
  /** Moves the crosshair to a place, or takes it away; a locked one stays. */
  move(to: Omit<Cursor, 'isLocked'> | null): void
  /** Locks the crosshair where it is, or lets it go. */
  toggleLock(): void
}

export function createCursorStore(): CursorStore {
  const store = createExternalStore<Cursor | null>(null)
  return {
    ...store,
    move(to) {
      if (store.get()?.isLocked === true) return
      store.set(to === null ? null : { ...to, isLocked: false })
    },
    toggleLock() {
      const now = store.get()
      if (now !== null) store.set(now.isLocked ? null : { ...now, isLocked: true })
    },
  }
}
