import { createExternalStore } from './external-store.ts'

/** Dialogs that may be opened from several places; the shell shows them. */
export type Dialog = 'subscribe' | 'shortcuts' | 'create-stream'

export const dialogStore = createExternalStore<Dialog | null>(null)

/** Id of the stream whose details are open. */
export const streamDetailsStore = createExternalStore<string | null>(null)
