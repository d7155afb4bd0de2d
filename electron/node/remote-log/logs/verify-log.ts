import type { LogRef, RestoreProgressView, RestoreReportView } from '../../../../shared/remote-log.ts'
import type { Clock, Logger } from '../../ports.ts'
import type { DatabaseHost } from '../database/database.ts'
import type { OpenKeeper } from '../keepers/keepers.ts'
import type { Ingest } from '../ports.ts'
import { createLogReader } from '../restore/log-reader.ts'
import { RESTORE_MIGRATIONS } from '../restore/restored-log.ts'
import { toReportView } from './followed-log.ts'

export interface VerifyLogOptions {
  ref: LogRef
  keeper: OpenKeeper
  databases: DatabaseHost
  /** Gives verdicts and stores nothing. */
  judge: Ingest
  onProgress: (progress: RestoreProgressView) => void
  clock: Clock
  logger: Logger
  signal: AbortSignal | undefined
}

/** Reads a log from its head to its first page and checks every address, id and signature; nothing is kept. */
export async function verifyLog(options: VerifyLogOptions): Promise<RestoreReportView> {
  const { ref, keeper, databases, judge, onProgress, clock, logger, signal } = options
  // A file of SQLite's own that goes away when it is closed: of a log of any length, memory holds a few pages.
  const database = await databases.open('', RESTORE_MIGRATIONS)
  try {
    let reachedBack: number | null = null
    const reader = await createLogReader({
      name: ref.name,
      content: keeper.content,
      names: keeper.names,
      ingest: judge,
      database,
      onProgress: ({ newestTimestamp: _newest, oldestTimestamp, ...tally }) => {
        if (oldestTimestamp !== null) reachedBack = Math.min(oldestTimestamp, reachedBack ?? oldestTimestamp)
        onProgress({ ...tally, restored: { ...tally.restored }, reachedBack })
      },
      clock,
      logger,
    })
    return toReportView(await reader.restore(signal), reachedBack)
  } finally {
    await database.close()
  }
}
