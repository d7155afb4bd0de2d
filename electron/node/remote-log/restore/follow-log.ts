import { setTimeout as sleep } from 'node:timers/promises'
import type { LogReader, RestoreReport } from './log-reader.ts'

/** While the name cannot be had, it is asked for less and less often, down to this many intervals apart. */
const MAX_BACK_OFF = 32

export interface FollowOptions {
  reader: Pick<LogReader, 'restore'>
  /** How often the name is asked for news. Spread by a tenth, so that many readers do not come at once. */
  intervalMs: number
  /** The name is asked now. */
  onBegin?: () => void
  onReport: (report: RestoreReport) => void
  /** The log could not be read this time; it is tried again. */
  onProblem: (error: unknown) => void
  signal: AbortSignal
}

/** Restores a log and asks for news until told to stop; resolves then. Whatever fails is told and tried again. */
export async function followLog({
  reader,
  intervalMs,
  onBegin,
  onReport,
  onProblem,
  signal,
}: FollowOptions): Promise<void> {
  let backOff = 1
  while (!signal.aborted) {
    onBegin?.()
    try {
      onReport(await reader.restore(signal))
      backOff = 1
    } catch (error) {
      if (signal.aborted) return
      onProblem(error)
      backOff = Math.min(MAX_BACK_OFF, backOff * 2)
    }
    await sleep(intervalMs * backOff * (0.9 + Math.random() / 5), undefined, { signal }).catch(
      (error: unknown) => {
        if (!signal.aborted) throw error
      },
    )
  }
}
