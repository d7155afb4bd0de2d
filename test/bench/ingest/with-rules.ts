import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFileModeSealer } from '../../../electron/keys/sealer.ts'
import { startAlertsRole } from '../../../electron/node/alerts-role.ts'
import { createFeed } from '../../../electron/node/feed/feed.ts'
import type { Logger, PermissionOracle } from '../../../electron/node/ports.ts'
import { createVerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import type { AlertBook } from '../../../electron/node/rules/alert-book.ts'
import { LATENESS_MS } from '../../../electron/node/rules/limits.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { type Rule, ruleSchema } from '../../../shared/rules/rule.ts'
import { STREAM_ID } from './corpus.ts'

/** Rounds of judging follow each other with this pause, ms, while messages come in far faster than in life. */
const PAUSE_MS = 100

export interface WithRulesOptions {
  permissions: PermissionOracle
  logger: Logger
}

/**
 * Rate of ingest with a hundred rules over the rate without, the same messages in the same process: without, with,
 * with, without, so that neither profits from a machine that warms up. With rules it counts until the last message is
 * on disk and judged.
 */
export async function measureWithRules(
  corpus: readonly Uint8Array[],
  options: WithRulesOptions,
): Promise<number> {
  const seconds = { with: 0, without: 0 }
  for (const kind of ['without', 'with', 'with', 'without'] as const) {
    seconds[kind] += await ingestOnce(corpus, kind === 'with' ? hundredRules() : null, options)
  }
  return seconds.without / seconds.with
}

async function ingestOnce(
  corpus: readonly Uint8Array[],
  rules: readonly Rule[] | null,
  { permissions, logger }: WithRulesOptions,
): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-rules-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'bench.sqlite')
  const store = await openSqliteStore({ file, logger, clock: Date })
  stack.defer(() => store.close())
  const contractSignatures = { check: async () => 'unavailable' as const }
  const pool = createVerifierPool({ store, permissions, contractSignatures, logger })
  await pool.start()
  stack.defer(() => pool.stop())

  // The time of the messages goes by as they come: rules judge as if it were now.
  let now = firstTime()
  const book = rules && (await watch({ folder, file, stack, logger, now: () => now }))
  stack.defer(
    store.onStored((notices) => {
      for (const notice of notices) {
        now = Math.max(now, notice.lastTimestamp + LATENESS_MS)
        book?.stored(notice)
      }
    }),
  )
  if (rules) await book?.setRules(rules)

  const start = performance.now()
  let isIngested = false
  const judging = (async () => {
    while (book && !isIngested) {
      await book.judge()
      await sleep(PAUSE_MS)
    }
  })()
  await pool.ingestAll(corpus.map((bytes) => ({ bytes, source: 'live', receivedAt: Date.now() })))
  isIngested = true
  await book?.judge()
  const seconds = (performance.now() - start) / 1_000
  await judging
  const judgedUpTo = book?.state().judgedUpTo
  if (book && judgedUpTo !== now - LATENESS_MS) throw new Error('Not all messages were judged')
  return seconds
}

function firstTime(): number {
  return 1_750_000_000_000
}

async function watch(options: {
  folder: string
  file: string
  stack: AsyncDisposableStack
  logger: Logger
  now: () => number
}): Promise<AlertBook> {
  const { folder, file, stack, logger, now } = options
  return startAlertsRole({
    dataDir: folder,
    databaseFile: file,
    feed: createFeed(),
    secretBox: createFileModeSealer(),
    stack,
    signal: AbortSignal.timeout(600_000),
    clock: { now },
    logger,
  })
}

/** A hundred rules as an operator of a fleet would write them, each asked for every message of the stream. */
export function hundredRules(): Rule[] {
  const fields = ['cpu', 'load1', 'memoryUsed', 'diskUsed', 'netIn', 'netOut', 'blockHeight', 'peers']
  const conditions: object[] = []
  const each = (count: number, make: (field: string, n: number) => object) => {
    for (let n = 0; n < count; n++) conditions.push(make(fields[n % fields.length] ?? '', n))
  }
  each(48, (field, n) => ({ kind: 'threshold', field, op: 'above', value: (n + 1) * 1e12, clear: n * 1e12 }))
  each(10, (_, n) => ({ kind: 'silence', afterMs: 30_000 + n * 1_000 }))
  each(6, (_, n) => ({ kind: 'frequency', windowMs: 60_000, min: 10 + n }))
  each(8, (field) => ({ kind: 'stuck', field, afterMs: 600_000 }))
  each(8, (field) => ({ kind: 'jump', field, by: 1e12 }))
  each(4, () => ({ kind: 'counter', field: 'blockHeight' }))
  each(4, (_, n) => ({ kind: 'missed-blocks', field: 'diskUsed', max: 1e6 + n, windowMs: 60_000 }))
  each(6, (_, n) => ({ kind: 'lag', field: 'blockHeight', by: 100 + n }))
  each(5, () => ({ kind: 'provenance', faults: ['gap', 'equivocation', 'forged', 'unauthorised'] }))
  conditions.push({ kind: 'schema', schema: { type: 'object', required: ['cpu', 'blockHeight'] } })
  return conditions.map((condition, n) =>
    ruleSchema.parse({ id: `rule-${n}`, name: `Rule ${n}`, part: `${STREAM_ID}#0`, condition, forMs: 5_000 }),
  )
}
