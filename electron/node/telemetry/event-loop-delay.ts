import { monitorEventLoopDelay } from 'node:perf_hooks'
import { round } from './schema.ts'

/** The monitor's own timer, ms: at 10 it took 0.7 % of a core by itself, and what users feel is longer than 20. */
const RESOLUTION_MS = 20
const NANOSECONDS_PER_MS = 1e6

export interface EventLoopDelay {
  /** Median, 99th percentile and worst delay since the last call, ms. `null` before the first tick of the timer. */
  take(): { p50: number; p99: number; max: number } | null
  close(): void
}

/** Watches how late timers fire in this thread. */
export function createEventLoopDelay(): EventLoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  // The histogram holds the time between two ticks of its timer, which includes the timer's own period.
  const delayMs = (nanoseconds: number): number =>
    round(Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS), 1)
  return {
    take() {
      if (histogram.count === 0) return null
      const delay = {
        p50: delayMs(histogram.percentile(50)),
        p99: delayMs(histogram.percentile(99)),
        max: delayMs(histogram.max),
      }
      histogram.reset()
      return delay
    },
    close() {
      histogram.disable()
    },
  }
}
