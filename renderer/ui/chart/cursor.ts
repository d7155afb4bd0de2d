import { createExternalStore, type ExternalStore } from '../external-store.ts'

/** Where the crosshair stands: one time in all panels. */
export interface Cursor {
  /** Ms since the epoch. */
  at: number
  /** The panel under the pointer or the focus. */
  panel: string
  /** Height of the pointer in that panel; null when it is led by keyboard. */
  y: number | null
}

export type CursorStore = ExternalStore<Cursor | null>

export function createCursorStore(): CursorStore {
  return createExternalStore<Cursor | null>(null)
}
