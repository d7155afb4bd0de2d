import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger, PermissionOracle, RawMessage } from '../../electron/node/ports.ts'
import { AuditFold } from '../../electron/node/provenance/audit/audit-fold.ts'
import { passOver } from '../../electron/node/provenance/audit/audit-pass.ts'
import { createVerifierPool, type VerifierPool } from '../../electron/node/provenance/verifier-pool.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { STREAM_ID, signedTelemetry } from './ingest/corpus.ts'
import { recoveriesPerSecond } from './ingest/recover-limit.ts'
import { measureWithRules } from './ingest/with-rules.ts'

/**
 * Messages verified and durable a second, through the real pipeline from raw bytes on the window thread to the
 * store's commit, over native secp256k1 recoveries a second on all cores. The limit is measured before and after,
 * because machines warm up and are shared. Then the delay of the window thread's event loop at a steady rate, and the
 * rate with a hundred rules judged over the rate without.
 */
const FULL_SPEED_MESSAGES = 120_000
const WARM_UP_MESSAGES = 10_000
const STEADY_MESSAGES = 60_000
const STEADY_PER_SECOND = 10_000
const LIMIT_MS = 3_000
const WITH_RULES_MESSAGES = 80_000

/** How often the event loop is looked at, ms; a look that is not late measures this much and no delay. */
const LOOK_INTERVAL_MS = 1

const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  child: () => logger,
}

const everyoneMayPublish: PermissionOracle = {
  publishPermission: async () => ({
    state: 'permitted',
    evidence: null,
    validFrom: 0,
    validTo: Number.MAX_SAFE_INTEGER,
    partitions: 1,
  }),
  onChange: () => () => undefined,
}

export async function run(): Promise<Record<string, number>> {
  const corpus = await signedTelemetry(WARM_UP_MESSAGES + FULL_SPEED_MESSAGES + STEADY_MESSAGES)
  const messages = corpus.map((bytes): RawMessage => ({ bytes, source: 'live', receivedAt: Date.now() }))
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-ingest-'))
  const clock = { now: () => Date.now() }
  const store = await openSqliteStore({ file: join(folder, 'bench.sqlite'), logger, clock })
  const contractSignatures = { check: async () => 'unavailable' as const }
  const pool = createVerifierPool({ store, permissions: everyoneMayPublish, contractSignatures, logger })
  try {
    await pool.start()
    await ingest(pool, messages.splice(0, WARM_UP_MESSAGES))
    const before = await recoveriesPerSecond(LIMIT_MS)
    const perSecond = await ingest(pool, messages.splice(0, FULL_SPEED_MESSAGES))
    const after = await recoveriesPerSecond(LIMIT_MS)
    const auditPerSecond = await audit(store, pool)
    const eventLoopP99Ms = await ingestSteadily(pool, messages)
    const withRulesRatio = await measureWithRules(corpus.slice(0, WITH_RULES_MESSAGES), {
      permissions: everyoneMayPublish,
      logger,
    })
    const { verified } = pool.statistics().verdicts
    if (verified !== corpus.length) throw new Error(`Of ${corpus.length} messages, ${verified} were verified`)
    const limitPerSecond = (before + after) / 2
    return {
      perSecond: Math.round(perSecond),
      limitPerSecond: Math.round(limitPerSecond),
      ratio: Number((perSecond / limitPerSecond).toFixed(3)),
      auditRatio: Number((auditPerSecond / perSecond).toFixed(3)),
      eventLoopP99Ms: Number(eventLoopP99Ms.toFixed(1)),
      withRulesRatio: Number(withRulesRatio.toFixed(3)),
    }
  } finally {
    await pool.stop()
    await store.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** As fast as the pool takes them; the rate counts until the last is on disk. */
async function ingest(pool: VerifierPool, messages: readonly RawMessage[]): Promise<number> {
  const start = performance.now()
  for (const message of messages) await take(pool, message)
  await pool.drained()
  return messages.length / ((performance.now() - start) / 1_000)
}

/** Everything stored is audited, from its raw bytes to the root; messages a second. */
async function audit(store: SqliteStore, pool: VerifierPool): Promise<number> {
  const range = { part: `${STREAM_ID}#0`, from: 0, to: 8_640_000_000_000_000, intervalMs: 60_000 }
  const fold = new AuditFold(range)
  const start = performance.now()
  const parts = { store, verifier: pool, fold, onPage: async () => undefined }
  await passOver(range, null, parts, new AbortController().signal)
  const seconds = (performance.now() - start) / 1_000
  const expected = WARM_UP_MESSAGES + FULL_SPEED_MESSAGES
  if (fold.totals.verdicts.verified !== expected) throw new Error('The audit did not verify everything')
  return expected / seconds
}

/** As a source does: what is not taken is offered again when there is room. */
async function take(pool: VerifierPool, message: RawMessage): Promise<void> {
  while (!pool.ingest(message)) await pool.room()
}

/** At a steady rate, as a busy network brings them; the 99th percentile of the event loop's delay meanwhile, ms. */
async function ingestSteadily(pool: VerifierPool, messages: readonly RawMessage[]): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: LOOK_INTERVAL_MS })
  delay.enable()
  const start = performance.now()
  for (let sent = 0; sent < messages.length; ) {
    const due = Math.min(
      messages.length,
      Math.ceil(((performance.now() - start) / 1_000) * STEADY_PER_SECOND),
    )
    for (; sent < due; sent++) await take(pool, messages[sent] as RawMessage)
    await sleep(1)
  }
  delay.disable()
  await pool.drained()
  return Math.max(0, delay.percentile(99) / 1e6 - LOOK_INTERVAL_MS)
}
