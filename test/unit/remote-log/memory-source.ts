import type { LogEntry, LogSource } from '../../../electron/node/remote-log/ports.ts'

/** A local log that grows when told to. */
export interface MemorySource extends LogSource {
  push(...messages: { timestamp: number; raw: Uint8Array }[]): void
  readonly entries: readonly LogEntry[]
}

export function createMemorySource(): MemorySource {
  const entries: LogEntry[] = []
  return {
    entries,
    push(...messages) {
      for (const message of messages) entries.push({ ...message, position: entries.length + 1 })
    },
    async read(_part, position, { maxEntries, maxBytes }) {
      const read: LogEntry[] = []
      let bytes = 0
      for (const entry of entries.slice(position, position + maxEntries)) {
        bytes += entry.raw.length
        if (read.length > 0 && bytes > maxBytes) break
        read.push(entry)
      }
      return read
    },
  }
}
