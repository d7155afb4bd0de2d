import { type BenchDatabase, flagValue, openBenchDatabase } from './bench-database.ts'
import { audit, measureLongAudit } from './ingest/audit.ts'
import { signedTelemetry, timeOf } from './ingest/corpus.ts'
import { idleDelayP99, steadyDelayP99 } from './ingest/event-loop.ts'
import { arrive, everyoneMayPublish, ingest, logger, median, openPipeline } from './ingest/parts.ts'
import { openRecoverLimit } from './ingest/recover-limit.ts'
import { storeBatches, verifiedBatches } from './ingest/store-rate.ts'
import { measureWithRules } from './ingest/with-rules.ts'

/**
 * Messages verified and durable a second, through the real pipeline from raw bytes on the window thread to the
 * store's commit, over native secp256k1 recoveries a second on all cores. What is compared is measured in turns, in
 * slices of about a second, and the median of the ratios counts: what else the machine does hits both sides of a pair
 * alike, and what hits one alone is an outlier. The same for auditing what was just stored, for the delay of the
 * window thread's event loop at a steady rate, and for ingest with a hundred rules over ingest without.
 *
 * `cpuMicrosPerMessage` is what all threads together use for a message, `cpuMicrosPerRecovery` what the limit uses for
 * a recovery: costs that a busy machine changes far less than rates. `idleLoopP99Ms` is the delay with nothing to do.
 *
 * With `--audit-messages N`, and nothing else: N messages are stored and then audited in one go.
 *
 * With `--engine postgres` on a server of the bench's own, beside a bare COPY of the same messages, into a table with
 * the same columns and indexes (`copyPerSecond`). `copyRatio` sets the whole pipeline over it, although that verifies
 * as well, on the cores that the server runs on: on two cores recoveries alone, the machine's limit, are about half as
 * many as the rows of a COPY. `storeCopyRatio` sets like over like: what the store does with messages that are
 * verified already (`storePerSecond`), which is to look for duplicates, keep chains, and write messages and pyramid.
 */
const ROUNDS = 9
/**
 * A multiple of the corpus's publishers, so that every slice is a range of time. Of half as many, filling and emptying
 * the pipeline, which holds some 8,000 messages, is a fifth of the time.
 */
const SLICE_MESSAGES = 40_000
/** On a server slices are longer, as its transactions are. All slices together are a multiple of both lengths. */
const SERVER_SLICE_MESSAGES = 60_000
const LIMIT_MS = 400
/** Until the heaps, the file and its log have grown and the code is compiled: a rate that lasts is what counts. */
const WARM_UP_MESSAGES = 60_000
/** On a server it takes longer: rates rise for some ten seconds. */
const SERVER_WARM_UP_MESSAGES = 240_000
const STEADY_ROUNDS = 5
const STEADY_MESSAGES = 10_000
const IDLE_MS = 400
/** The first slice warms both sides up. */
const WITH_RULES_SLICES = 8

export async function run(flags: readonly string[] = []): Promise<Record<string, number>> {
  const audited = Number(flagValue(flags, '--audit-messages') ?? 0)
  if (audited > 0) return measureLongAudit(audited, SLICE_MESSAGES)
  const isServer = flagValue(flags, '--engine') === 'postgres'
  const warmUp = isServer ? SERVER_WARM_UP_MESSAGES : WARM_UP_MESSAGES
  const corpus = await signedTelemetry(warmUp + ROUNDS * SLICE_MESSAGES)
  const steady = corpus.slice(0, STEADY_ROUNDS * STEADY_MESSAGES)
  if (isServer) {
    await using database = await openBenchDatabase()
    return {
      ...(await measureRates(corpus, database)),
      ...(await measureStore(corpus.slice(0, ROUNDS * SLICE_MESSAGES), database)),
      ...(await measureEventLoop(steady, database)),
    }
  }
  const figures = await measureRates(corpus, null)
  const loop = await measureEventLoop(steady, null)
  const withRulesRatio = await measureWithRules(corpus.slice(0, WITH_RULES_SLICES * SLICE_MESSAGES), {
    permissions: everyoneMayPublish,
    logger,
    sliceMessages: SLICE_MESSAGES,
  })
  return { ...figures, ...loop, withRulesRatio: rounded(withRulesRatio) }
}

interface Pair {
  perSecond: number
  limitPerSecond: number
  auditPerSecond: number
  cpuMicrosPerMessage: number
  cpuMicrosPerRecovery: number
  /** On a database server: rows a second of a bare COPY of what was just stored. */
  copyPerSecond: number | null
}

async function measureRates(
  corpus: readonly Uint8Array[],
  database: BenchDatabase | null,
): Promise<Record<string, number>> {
  await using stack = new AsyncDisposableStack()
  const limit = stack.use(await openRecoverLimit())
  const pipeline = await openPipeline(stack, everyoneMayPublish, openerOf(database, 'rates'))
  const messages = arrive(corpus)
  const slice = database === null ? SLICE_MESSAGES : SERVER_SLICE_MESSAGES
  const warmUp = database === null ? WARM_UP_MESSAGES : SERVER_WARM_UP_MESSAGES
  await ingest(pipeline.pool, messages.slice(0, warmUp))
  await audit(pipeline, 0, WARM_UP_MESSAGES)
  await limit.measure(LIMIT_MS)
  const pairs: Pair[] = []
  for (let from = warmUp; from < messages.length; from += slice) {
    const { perSecond: limitPerSecond, cpuMicros } = await limit.measure(LIMIT_MS)
    const before = process.cpuUsage()
    const seconds = await ingest(pipeline.pool, messages.slice(from, from + slice))
    const { user, system } = process.cpuUsage(before)
    pairs.push({
      perSecond: slice / seconds,
      limitPerSecond,
      auditPerSecond: slice / (await audit(pipeline, from, slice)),
      cpuMicrosPerMessage: (user + system) / slice,
      cpuMicrosPerRecovery: cpuMicros,
      copyPerSecond:
        database === null ? null : await database.copyPerSecond('rates', timeOf(from), timeOf(from + slice)),
    })
  }
  const { verified } = pipeline.pool.statistics().verdicts
  if (verified !== corpus.length) throw new Error(`Of ${corpus.length} messages, ${verified} were verified`)
  const middle = (of: (pair: Pair) => number): number => median(pairs.map(of))
  return {
    perSecond: Math.round(middle(({ perSecond }) => perSecond)),
    limitPerSecond: Math.round(middle(({ limitPerSecond }) => limitPerSecond)),
    ratio: rounded(middle(({ perSecond, limitPerSecond }) => perSecond / limitPerSecond)),
    auditRatio: rounded(middle(({ perSecond, auditPerSecond }) => auditPerSecond / perSecond)),
    cpuMicrosPerMessage: rounded(middle(({ cpuMicrosPerMessage }) => cpuMicrosPerMessage)),
    cpuMicrosPerRecovery: rounded(middle(({ cpuMicrosPerRecovery }) => cpuMicrosPerRecovery)),
    ...(database === null ? {} : copyFigures(pairs)),
  }
}

function copyFigures(pairs: readonly Pair[]): Record<string, number> {
  const copied = pairs.flatMap(({ perSecond, copyPerSecond }) =>
    copyPerSecond === null ? [] : [{ perSecond, copyPerSecond }],
  )
  return {
    copyPerSecond: Math.round(median(copied.map(({ copyPerSecond }) => copyPerSecond))),
    copyRatio: rounded(median(copied.map(({ perSecond, copyPerSecond }) => perSecond / copyPerSecond))),
  }
}

/** The store's part alone: batches that are verified already, over a bare COPY of their messages. */
async function measureStore(
  corpus: readonly Uint8Array[],
  database: BenchDatabase,
): Promise<Record<string, number>> {
  const store = await database.openStore('verified')
  try {
    const rates: { storePerSecond: number; ratio: number }[] = []
    for (let from = 0; from < corpus.length; from += SERVER_SLICE_MESSAGES) {
      const end = Math.min(from + SERVER_SLICE_MESSAGES, corpus.length)
      const batches = await verifiedBatches(arrive(corpus.slice(from, end)))
      const storePerSecond = (end - from) / (await storeBatches(store, batches))
      const copyPerSecond = await database.copyPerSecond('verified', timeOf(from), timeOf(end))
      // The first slice makes the tables grow and the code warm.
      if (from > 0) rates.push({ storePerSecond, ratio: storePerSecond / copyPerSecond })
    }
    return {
      storePerSecond: Math.round(median(rates.map(({ storePerSecond }) => storePerSecond))),
      storeCopyRatio: rounded(median(rates.map(({ ratio }) => ratio))),
    }
  } finally {
    await store.close()
  }
}

/** How a pipeline opens its store; undefined for SQLite. */
function openerOf(database: BenchDatabase | null, schema: string) {
  return database === null ? undefined : () => database.openStore(schema)
}

async function measureEventLoop(
  corpus: readonly Uint8Array[],
  database: BenchDatabase | null,
): Promise<Record<string, number>> {
  await using stack = new AsyncDisposableStack()
  const { pool } = await openPipeline(stack, everyoneMayPublish, openerOf(database, 'loop'))
  const messages = arrive(corpus)
  const steady: number[] = []
  const idle: number[] = []
  for (let from = 0; from < messages.length; from += STEADY_MESSAGES) {
    idle.push(await idleDelayP99(IDLE_MS))
    steady.push(await steadyDelayP99(pool, messages.slice(from, from + STEADY_MESSAGES)))
  }
  return { eventLoopP99Ms: rounded(median(steady)), idleLoopP99Ms: rounded(median(idle)) }
}

function rounded(value: number): number {
  return Number(value.toFixed(3))
}
