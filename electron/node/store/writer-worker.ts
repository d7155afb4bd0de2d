import { parentPort, workerData } from 'node:worker_threads'
import type Database from 'better-sqlite3'
import { TidemarkError } from '../../../shared/errors.ts'
import { backUp } from './care/backup.ts'
import { type SalvageReport, salvage } from './care/salvage.ts'
import { ShutdownMark } from './care/shutdown-mark.ts'
import { measureStorage, type StorageUse } from './care/storage-use.ts'
import { openForWriting } from './database.ts'
import { migrate } from './migrate.ts'
import { sqliteConnection } from './sqlite-connection.ts'
import type { DamageRecord } from './store-care.ts'
import type { WorkerEvent } from './worker-protocol.ts'
import { serve } from './worker-service.ts'
import { StoreWriter } from './write/store-writer.ts'
import { createWriterMethods } from './writer-methods.ts'

export interface WriterWorkerData {
  file: string
}

/** How the file was found when it was opened. */
export interface OpenedFile {
  /** It had been closed in order, or is new. */
  wasClean: boolean
  /** What was saved from a damaged file; null when it was not. */
  salvaged: SalvageReport | null
}

/** What the writer thread does when it is called. */
export type WriterMethods = ReturnType<typeof createMethods>

/** Free pages given back to the disk at once: 8 MiB. */
const VACUUMED_AT_ONCE = 2_048

function tell(event: string, value: unknown): void {
  parentPort?.postMessage({ event, value } satisfies WorkerEvent)
}

function openFile(file: string): { db: Database.Database; mark: ShutdownMark; opened: OpenedFile } {
  let db = openForWriting(file)
  migrate(db)
  let salvaged: SalvageReport | null = null
  if (new ShutdownMark(db).isDamaged) {
    db.close()
    salvaged = salvage(file, Date.now())
    db = openForWriting(file)
  }
  const mark = new ShutdownMark(db)
  return { db, mark, opened: { wasClean: mark.open(), salvaged } }
}

function createMethods({ file }: WriterWorkerData) {
  const { db, mark, opened } = openFile(file)
  const writer = new StoreWriter(sqliteConnection(db))
  const { methods, flush } = createWriterMethods({
    writer,
    tell,
    append: (batches) => writer.append(batches),
    transact: (work) => work(),
    isKeeper: () => true,
  })
  let backup: { isStopped: boolean; done: Promise<void> } | null = null
  return {
    /** Answers when the file is open and of the current format. */
    ready: (): OpenedFile => opened,

    ...methods,
    storage: (): StorageUse => measureStorage(db),

    /** Gives some free pages back. @returns how many are left */
    compactSlice: (): number => {
      db.pragma(`incremental_vacuum(${VACUUMED_AT_ONCE})`)
      const left = Number(db.pragma('freelist_count', { simple: true }))
      if (left === 0) db.pragma('wal_checkpoint(TRUNCATE)')
      return left
    },

    backup: async (target: string): Promise<void> => {
      if (backup !== null) {
        throw new TidemarkError('invalid-input', 'A backup is being made already.', 'Wait until it is done.')
      }
      const done = backUp(
        db,
        target,
        (progress) => tell('backup-progress', progress),
        () => running.isStopped,
      )
      const running = { isStopped: false, done }
      backup = running
      try {
        await done
      } finally {
        backup = null
      }
    },

    stopBackup: (): void => {
      if (backup !== null) backup.isStopped = true
    },

    setDamage: (problems: readonly string[]): void => mark.setDamage(problems),

    damages: (): DamageRecord[] =>
      db
        .prepare<[], DamageRecord>(
          `SELECT part, from_timestamp AS "from", to_timestamp AS "to", found_at AS foundAt, set_aside AS setAside
           FROM damages ORDER BY id`,
        )
        .all(),

    close: async (): Promise<void> => {
      if (backup !== null) {
        backup.isStopped = true
        await backup.done.catch(() => undefined)
      }
      flush()
      mark.close()
      db.close()
    },
  }
}

if (parentPort !== null) serve(parentPort, () => createMethods(workerData as WriterWorkerData))
