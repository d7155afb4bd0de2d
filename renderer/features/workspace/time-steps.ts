import { formatDuration } from '../../../shared/format/quantity.ts'
import { createPersistedStore } from '../../ui/external-store.ts'
import type { Transport } from './transport.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface TimeStep {
  ms: number
  words: string
}

/** What time is shifted by, and what a period is compared with. */
export const TIME_STEPS: readonly TimeStep[] = [
  { ms: SECOND, words: '1 s' },
  { ms: 10 * SECOND, words: '10 s' },
  { ms: MINUTE, words: '1 min' },
  { ms: 5 * MINUTE, words: '5 min' },
  { ms: 15 * MINUTE, words: '15 min' },
  { ms: HOUR, words: '1 h' },
  { ms: 6 * HOUR, words: '6 h' },
  { ms: DAY, words: '1 day' },
  { ms: 7 * DAY, words: '1 week' },
]
export const COMPARE_STEPS = TIME_STEPS.filter(({ ms }) => ms >= MINUTE)

export const stepStore = createPersistedStore<number>('time-step', MINUTE, (kept) =>
  TIME_STEPS.some(({ ms }) => ms === kept) ? (kept as number) : null,
)

export function stepInWords(ms: number): string {
  return TIME_STEPS.find((step) => step.ms === ms)?.words ?? formatDuration(ms)
}

/** Loops what is shown, or ends a loop. */
export function toggleLoop(transport: Transport): void {
  const { from, to, loop } = transport.now()
  if (loop !== null) {
    transport.setLoop(null)
    return
  }
  // Live there is nothing to play again: what is shown stands still first.
  transport.pause()
  transport.setLoop({ from, to })
  transport.play()
}
