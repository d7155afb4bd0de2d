import { MAX_BATCH_MS } from '../../../shared/sources.ts'
import { MAX_MEMORY_ENTRIES } from './limits.ts'
import type { Outbox, OutboxCursor, OutboxEntry } from './outbox.ts'

/** An outbox that a stop empties: for a host that keeps what it publishes by other means. */
export function createMemoryOutbox(): Outbox {
  let entries: OutboxEntry[] = []
  let lastId = 0
  let dropped = 0
  return {
    add(entry) {
      lastId += 1
      entries.push({ ...entry, id: lastId })
      if (entries.length <= MAX_MEMORY_ENTRIES) return
      entries.shift()
      dropped += 1
    },
    read: (after, now, limit) =>
      entries
        .filter((entry) => isBehind(entry, after) && (entry.dueAt <= now || entry.dueAt > now + MAX_BATCH_MS))
        .sort((a, b) => a.dueAt - b.dueAt || a.id - b.id)
        .slice(0, limit),
    remove(ids) {
      const gone = new Set(ids)
      entries = entries.filter(({ id }) => !gone.has(id))
    },
    clear() {
      entries = []
    },
    size: () => ({
      entries: entries.length,
      sizeBytes: 0,
      oldestTimestamp: entries[0]?.timestamp ?? null,
      dropped,
    }),
    close() {
      entries = []
    },
  }
}

function isBehind(entry: OutboxEntry, cursor: OutboxCursor): boolean {
  return entry.dueAt > cursor.dueAt || (entry.dueAt === cursor.dueAt && entry.id > cursor.id)
}
