import type { Logger } from '../node/ports.ts'

export interface StopOptions {
  /** After this long something hangs, ms; what was acknowledged is on disk anyway. */
  deadlineMs: number
  logger: Logger
}

/**
 * Stops what runs, and waits for it no longer than the deadline.
 *
 * @returns the exit code of the process: 0 after a clean stop, 1 where it failed or was cut short, which is logged
 */
export async function stopInTime(
  stop: () => Promise<void>,
  { deadlineMs, logger }: StopOptions,
): Promise<0 | 1> {
  const deadline = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => deadline.resolve('late'), deadlineMs)
  const outcome = await Promise.race([stop().then(() => 'stopped' as const), deadline.promise]).catch(
    (error: unknown) => {
      logger.error({ error }, 'stopping failed')
      return 'failed' as const
    },
  )
  clearTimeout(timer)
  if (outcome === 'late') logger.error({ deadlineMs }, 'stopping took too long and was cut short')
  return outcome === 'stopped' ? 0 : 1
}
