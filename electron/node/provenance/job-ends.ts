import { TidemarkError } from '../../../shared/errors.ts'
import type { JobOutcome } from './verifier-job.ts'
import { RETRY_FIRST_DELAY_MS, RETRY_LAST_DELAY_MS } from './verifier-limits.ts'

/** Ends that a job of another kind never has. */
export const UNEXPECTED = { stored: unexpected, decided: unexpected, audited: unexpected }

/** Live messages have nobody who waits for them; what became of them is told to the listeners. */
export const LIVE_OUTCOME: JobOutcome = { ...UNEXPECTED, stored: () => undefined, abandoned: () => undefined }

function unexpected(): never {
  throw new Error('A batch came back as something it was not sent for')
}

export function backOffMs(failures: number): number {
  return Math.min(RETRY_FIRST_DELAY_MS * 2 ** (failures - 1), RETRY_LAST_DELAY_MS)
}

export function notRunning(): TidemarkError {
  return new TidemarkError(
    'not-running',
    'The node stopped before all messages were stored.',
    'Start it again; what was not stored is fetched again.',
  )
}
