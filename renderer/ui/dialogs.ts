import { createExternalStore } from './external-store.ts'

/** Dialogs that may be opened from several places; the shell shows them. */
export type Dialog = 'subscribe' | 'shortcuts'

export const dialogStore = createExternalStore<Dialog | null>(null)
