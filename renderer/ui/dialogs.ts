import { createExternalStore } from './external-store.ts'

/** Dialogs that may be opened from several places; the shell shows them. */
export type Dialog = 'subscribe' | 'shortcuts' | 'create-stream'

export const dialogStore = createExternalStore<Dialog | null>(null)

/** The step of the tour that is shown; null while there is none. */
export const tourStore = createExternalStore<number | null>(null)

/** Id of the stream whose details are open. */
export const streamDetailsStore = createExternalStore<string | null>(null)
