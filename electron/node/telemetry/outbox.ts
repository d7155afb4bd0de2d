/** A measurement that waits to be published. */
export interface OutboxEntry {
  id: number
  /** When it was measured, ms since the epoch: the message carries this time, however late it is sent. */
  timestamp: number
  /** Name of the source; each has message chains of its own. */
  source: string
  /** It is sent at this time at the earliest, ms since the epoch. */
  dueAt: number
  content: Record<string, unknown>
}

export interface OutboxSize {
  entries: number
  sizeBytes: number
  /** When the oldest entry was measured; null when there is none. */
  oldestTimestamp: number | null
  /** Entries given up since this process started, because newer ones needed their room. */
  dropped: number
}

/** Position in an outbox: entries are handed out by `dueAt`, then by `id`. */
export interface OutboxCursor {
  dueAt: number
  id: number
}

export const OUTBOX_START: OutboxCursor = { dueAt: Number.NEGATIVE_INFINITY, id: 0 }

/** Measurements between being taken and being published. Bounded: the oldest make room for the newest. */
export interface Outbox {
  add(entry: Omit<OutboxEntry, 'id'>): void
  /** Entries behind the cursor that are due at `now`, in order; they stay until they are removed. */
  read(after: OutboxCursor, now: number, limit: number): OutboxEntry[]
  remove(ids: readonly number[]): void
  /** Removes everything. */
  clear(): void
  size(): OutboxSize
  close(): void
}
