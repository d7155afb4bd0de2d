import { join } from 'node:path'
import { VERDICTS, type Verdict } from '../../shared/verdict.ts'
import { workerUrl } from '../worker-url.ts'
import { SCHEMA_MARKS_FILE } from './data-files.ts'
import type { Feed } from './feed/feed.ts'
import type { Clock, Logger, MessageStore } from './ports.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import type { MarkMethods } from './schema-marks/mark-methods.ts'
import { createSchemaMarks, type SchemaMarks } from './schema-marks/schema-marks.ts'
import type { SchemaMarksWorkerData } from './schema-marks-worker.ts'
import type { StoreLocation } from './store/reader-connection.ts'
import { WorkerLink } from './store/worker-link.ts'
import { schemaOfStream } from './stream-schema.ts'

export interface SchemaMarksRoleOptions {
  dataDir: string
  store: MessageStore
  /** Where messages are kept: the thread that judges reads them there. */
  messages: StoreLocation
  index: RegistryIndex
  feed: Pick<Feed, 'stored' | 'announce'>
  clock: Clock
  logger: Logger
}

const NO_VERDICTS = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>

/** Joins the counting of what schemas do not allow to the store, the registry and whoever looks. */
export function createSchemaMarksRole(options: SchemaMarksRoleOptions): SchemaMarks {
  const { dataDir, store, messages, index, feed, clock } = options
  const logger = options.logger.child({ part: 'schema-marks' })
  const workerData: SchemaMarksWorkerData = { markFile: join(dataDir, SCHEMA_MARKS_FILE), messages }
  return createSchemaMarks({
    startThread(onRestart) {
      const link = new WorkerLink<MarkMethods>({
        url: workerUrl(import.meta.url, 'schema-marks-worker'),
        workerData,
        logger,
        onRestart,
      })
      // The link's own answer type goes through transferred values, which these methods have none of.
      return { call: (method, ...args) => link.call(method, args) as never, close: () => link.close() }
    },
    store,
    schemaOf: (streamId) => schemaOfStream(index, streamId),
    // Whoever looks at that stretch reads it anew.
    onChange: (part, from, to) =>
      feed.stored({
        ...{ part, stored: 0, duplicates: 0, verdicts: { ...NO_VERDICTS } },
        firstTimestamp: from,
        lastTimestamp: to,
      }),
    onSchemaChange: () => feed.announce({ kind: 'streams' }),
    clock,
    logger,
  })
}
