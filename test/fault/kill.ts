import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from './acknowledging-child.ts'
import { checkStore } from './check-store.ts'
import type { FaultReport } from './fault-report.ts'

const DEFAULT_TIMES = 200
/** Children at once: while one starts, the other is killed and looked at. */
const LANES = 2
/** Messages a batch: small, so that many commits fit between two kills. */
const BATCH_SIZE = 20
/** Numbers a child may use; the next one begins behind them. */
const NUMBERS_PER_CHILD = 1_000_000
/** Latest moment of a kill after the first acknowledgement, ms. */
const MAX_DELAY_MS = 60
/** One child in so many is killed while it starts: in the middle of opening and migrating. */
const EARLY_SHARE = 8
const MAX_EARLY_DELAY_MS = 400

export interface KillOptions {
  times?: number
  /** Runs children that acknowledge before they commit: the run must then find losses. */
  mutant?: boolean
}

/**
 * Kills an ingesting process with SIGKILL at random moments, over and over on the same file, and looks after each
 * kill for every message it had acknowledged.
 */
export async function run(times: number = DEFAULT_TIMES): Promise<FaultReport> {
  return kill({ times })
}

export async function kill({ times = DEFAULT_TIMES, mutant = false }: KillOptions): Promise<FaultReport> {
  const report: FaultReport = { tried: 0, acknowledged: 0, lost: 0, failures: 0, notes: [] }
  const nodeFlags = mutant ? ['--import', new URL('./acknowledge-early.ts', import.meta.url).href] : []
  let left = times
  const lane = async (): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-kill-'))
    try {
      // One that ends by itself leaves its compiled modules to those that will not.
      await runChild({ file: join(folder, 'warm-up.sqlite'), first: 0, batches: 1, size: 1, nodeFlags })
      for (let child = 0; left-- > 0; child++) {
        await killOnce(join(folder, 'messages.sqlite'), child * NUMBERS_PER_CHILD, nodeFlags, report)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return report
}

async function killOnce(
  file: string,
  first: number,
  nodeFlags: string[],
  report: FaultReport,
): Promise<void> {
  const isEarly = randomInt(EARLY_SHARE) === 0
  const delayMs = randomInt(isEarly ? MAX_EARLY_DELAY_MS : MAX_DELAY_MS)
  let isArmed = false
  const child = await runChild({
    file,
    first,
    batches: 0,
    size: BATCH_SIZE,
    nodeFlags,
    onLine: (line, process) => {
      if (isArmed || !(line.startsWith('ack') || (isEarly && line === 'start'))) return
      isArmed = true
      setTimeout(() => process.kill('SIGKILL'), delayMs)
    },
  })
  report.tried += 1
  const check = checkStore(file, child.acknowledged)
  report.acknowledged += check.acknowledged
  report.lost += check.lost
  for (const line of [...child.said.filter((said) => /^(odd|err|fail|done)/.test(said)), ...check.faults]) {
    report.failures += 1
    report.notes.push(`child ${first / NUMBERS_PER_CHILD}: ${line}`)
  }
}
