import type { DroppedNotice, StoredNotice } from '../ports.ts'
import { abortedError } from './aborted.ts'
import type { BackupProgress } from './care/backup.ts'
import type { StorageUse } from './care/storage-use.ts'
import type { WorkerLink } from './worker-link.ts'
import type { RebuildProgress } from './write/rebuilder.ts'
import type { RetentionLimits } from './write/retention.ts'
import type { WriterMethods } from './writer-worker.ts'

/** What retention removed in one run. */
export interface DroppedTotal {
  messages: number
  bytes: number
}

/** A stretch of a stream part whose messages could not be read any more. Times are ms, both ends inclusive. */
export interface DamageRecord {
  part: string
  from: number
  to: number
  foundAt: number
  /** The damaged file, kept. */
  setAside: string
}

/** Care of the file: what the owner of a store does beside storing and reading. */
export interface StoreCare {
  /** Sets how long, or up to how many raw bytes, the messages of a part are kept. */
  setRetention(part: string, limits: RetentionLimits): Promise<void>
  retention(part: string): Promise<RetentionLimits>
  /** Removes what is beyond its limits, in slices; it is also done by itself every few seconds. */
  enforceRetention(signal?: AbortSignal): Promise<DroppedTotal>
  /** Called after each slice that retention has removed. */
  onDropped(listener: (notice: DroppedNotice) => void): () => void
  /** Stores messages that were ahead of their time, where it has come; also done by itself. */
  releaseHeld(): Promise<StoredNotice[]>
  /** Makes chains, gaps and pyramid anew from messages: of one part, or of all. Storing and reading go on. */
  rebuildPyramid(options?: RebuildOptions): Promise<void>
  storage(): Promise<StorageUse>
  /** Gives pages that hold nothing back to the disk, in slices. */
  compact(signal?: AbortSignal): Promise<void>
  /** Copies the store to a new file while it is being written. */
  backup(file: string, options?: BackupOptions): Promise<void>
  /** What could not be saved from damaged files so far. */
  damages(): Promise<DamageRecord[]>
}

export interface RebuildOptions {
  part?: string
  signal?: AbortSignal
  onProgress?: (progress: RebuildProgress) => void
}

export interface BackupOptions {
  signal?: AbortSignal
  onProgress?: (progress: BackupProgress) => void
}

export interface StoreCareOptions {
  writer: WorkerLink<WriterMethods>
  now: () => number
  /** Hears of the progress of the backup that runs, until it is told otherwise. */
  onBackupProgress: (listener: ((progress: BackupProgress) => void) | null) => void
}

export function createStoreCare({ writer, now, onBackupProgress }: StoreCareOptions): StoreCare {
  const dropListeners = new Set<(notice: DroppedNotice) => void>()
  return {
    onDropped: (listener) => {
      dropListeners.add(listener)
      return () => dropListeners.delete(listener)
    },
    setRetention: (part, limits) => writer.call('setRetention', [part, limits]),
    retention: (part) => writer.call('retention', [part]),
    enforceRetention: async (signal) => {
      const total = { messages: 0, bytes: 0 }
      for (;;) {
        throwIfAborted(signal)
        const dropped = await writer.call('retentionSlice', [now()])
        if (dropped === null) return total
        total.messages += dropped.messages
        total.bytes += dropped.bytes
        const { part, countedFrom, endTimestamp } = dropped
        for (const listener of dropListeners) listener({ part, from: countedFrom, to: endTimestamp })
      }
    },
    releaseHeld: () => writer.call('releaseHeld', [now()]),
    rebuildPyramid: async ({ part, signal, onProgress } = {}) => {
      const parts = part === undefined ? await writer.call('parts', []) : [part]
      for (const name of parts) {
        let progress: RebuildProgress | null = {
          part: name,
          stage: 'chains',
          publisher: 0,
          from: 0,
          messagesRead: 0,
        }
        while (progress !== null) {
          throwIfAborted(signal)
          progress = await writer.call('rebuildSlice', [progress])
          if (progress !== null) onProgress?.(progress)
        }
      }
    },
    storage: () => writer.call('storage', []),
    compact: async (signal) => {
      for (let left = 1; left > 0; ) {
        throwIfAborted(signal)
        left = await writer.call('compactSlice', [])
      }
    },
    backup: async (file, { signal, onProgress } = {}) => {
      throwIfAborted(signal)
      const onAbort = (): void => {
        writer.call('stopBackup', []).catch(() => undefined)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      onBackupProgress(onProgress ?? null)
      try {
        await writer.call('backup', [file])
      } finally {
        signal?.removeEventListener('abort', onAbort)
        onBackupProgress(null)
      }
    },
    damages: () => writer.call('damages', []),
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortedError()
}
