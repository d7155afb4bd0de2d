import { join } from 'node:path'
import { z } from 'zod'
import { type DatabaseReport, databaseServerInput } from '../../shared/database.ts'
import { partInput } from '../../shared/inputs.ts'
import { columnTypeInput, MAX_SINKS, sinkTableInput } from '../../shared/sink.ts'
import { workerUrl } from '../worker-url.ts'
import { SINK_FILE, SINK_PASSWORD_FILE } from './data-files.ts'
import type { Clock, Logger } from './ports.ts'
import { testConnection } from './postgres/connection-test.ts'
import { passwordFile, type SecretBox } from './postgres/password-file.ts'
import { openSettingsFile } from './settings-file.ts'
import type { SinkStore } from './sink/ports.ts'
import { createSinkBook, type SinkBook, type SinkDatabase } from './sink/sink-book.ts'
import type { SinkMethods } from './sink/sink-methods.ts'
import type { FindKey } from './sink/sink-sync.ts'
import { WorkerLink } from './store/worker-link.ts'

const configurationSchema = z.strictObject({
  version: z.literal(1),
  server: databaseServerInput.nullable().default(null),
  sinks: z
    .array(
      z.strictObject({
        table: sinkTableInput,
        part: partInput,
        types: z.array(z.strictObject({ path: z.string().max(1_024), type: columnTypeInput })).default([]),
        isPaused: z.boolean().default(false),
      }),
    )
    .max(MAX_SINKS)
    .default([]),
})

export interface SinkRoleOptions {
  dataDir: string
  store: SinkStore
  secretBox: SecretBox
  findKey: FindKey
  isKept: (part: string) => boolean
  clock: Clock
  logger: Logger
}

export interface SinkRole extends SinkBook {
  /** Goes to the database as sinks would, looks, and changes nothing. */
  test(database: SinkDatabase | undefined, signal?: AbortSignal): Promise<DatabaseReport>
}

/** Joins sinks to the store they read and to the thread that writes. */
export async function createSinkRole(options: SinkRoleOptions): Promise<SinkRole> {
  const { dataDir, store, secretBox, findKey, isKept, clock } = options
  const logger = options.logger.child({ part: 'sink' })
  const file = await openSettingsFile(join(dataDir, SINK_FILE), configurationSchema, { version: 1 })
  const link = new WorkerLink<SinkMethods>({
    url: workerUrl(import.meta.url, 'sink-worker'),
    workerData: null,
    logger,
    onRestart: () => book.threadRestarted(),
  })
  const book: SinkBook = createSinkBook({
    store,
    // The link's own answer type goes through transferred values, which these methods have none of.
    thread: {
      call: (method, args, transfer) => link.call(method, args, transfer) as never,
      close: () => link.close(),
    },
    findKey,
    configuration: {
      get current() {
        return file.current
      },
      update: (change) => file.update((now) => ({ ...now, ...change(now) })),
    },
    password: passwordFile(join(dataDir, SINK_PASSWORD_FILE), secretBox),
    isKept,
    clock,
    logger,
  })
  return {
    ...book,
    test: async (database, signal) => testConnection(await book.target(database), signal),
  }
}
