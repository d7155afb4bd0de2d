import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RawMessage } from '../../../electron/node/ports.ts'
import type { VerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import { take } from './parts.ts'

/** How often the event loop is looked at, ms; a look that is not late measures this much and no delay. */
const LOOK_INTERVAL_MS = 1
const STEADY_PER_SECOND = 10_000

/** 99th percentile of the event loop's delay while messages come in steadily, as a busy network brings them; ms. */
export async function steadyDelayP99(pool: VerifierPool, messages: readonly RawMessage[]): Promise<number> {
  const p99 = await delayP99(async () => {
    const start = performance.now()
    for (let sent = 0; sent < messages.length; ) {
      const seconds = (performance.now() - start) / 1_000
      const due = Math.min(messages.length, Math.ceil(seconds * STEADY_PER_SECOND))
      for (; sent < due; sent++) await take(pool, messages[sent] as RawMessage)
      await sleep(1)
    }
  })
  await pool.drained()
  return p99
}

/** The same while nothing comes in: what the machine itself does to an event loop. */
export function idleDelayP99(durationMs: number): Promise<number> {
  return delayP99(async () => {
    const start = performance.now()
    while (performance.now() - start < durationMs) await sleep(1)
  })
}

async function delayP99(work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_INTERVAL_MS })
  delay.enable()
  await work()
  delay.disable()
  return Math.max(0, delay.percentile(99) / 1e6 - LOOK_INTERVAL_MS)
}
