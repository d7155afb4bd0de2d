import type { ErrorView } from '../../../../shared/errors.ts'
import type { Logger } from '../../ports.ts'
import type { WorkerLink } from '../worker-link.ts'
import type { OpenedFile, WriterMethods } from '../writer-worker.ts'
import { checkInBackground } from './integrity-check.ts'

export interface IntegrityWatchOptions {
  file: string
  opened: OpenedFile
  writer: WorkerLink<WriterMethods>
  logger: Logger
}

export interface IntegrityWatch {
  state(): 'unchecked' | 'checking' | 'whole' | 'damaged'
  /** What a user should know and do; null when all is well. */
  problem(): ErrorView | null
  stop(): Promise<void>
}

/**
 * Checks a file that was not closed in order, in the background, while it is being used. What a check finds is
 * remembered in the file: at the next start what can be read is moved into a fresh file and the rest is named.
 */
export function watchIntegrity({ file, opened, writer, logger }: IntegrityWatchOptions): IntegrityWatch {
  let state: ReturnType<IntegrityWatch['state']> = 'unchecked'
  let problem: ErrorView | null = null
  const { salvaged, wasClean } = opened
  if (salvaged !== null) {
    logger.error(
      { salvaged },
      'The message store was damaged; what could be read was moved into a fresh file',
    )
  }
  const stopping = new AbortController()
  const check = async (): Promise<void> => {
    state = 'checking'
    const problems = await checkInBackground(file, stopping.signal)
    if (problems.length === 0) {
      state = 'whole'
      logger.info({ file }, 'The message store is whole after a stop without warning')
      return
    }
    state = 'damaged'
    problem = {
      code: 'store-damaged',
      message: 'Parts of the message store are damaged.',
      remedy: 'Start Tidemark again: what can be read is moved into a fresh file, and what cannot is named.',
    }
    logger.error({ problems }, 'The message store is damaged')
    await writer.call('setDamage', [problems])
  }
  const running = wasClean
    ? Promise.resolve()
    : check().catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.error({ err: error }, 'The message store could not be checked')
      })
  return {
    state: () => state,
    problem: () => problem,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
