import { setTimeout as sleep } from 'node:timers/promises'
import { createFileModeSealer } from '../../../electron/keys/sealer.ts'
import { startAlertsRole } from '../../../electron/node/alerts-role.ts'
import { createFeed } from '../../../electron/node/feed/feed.ts'
import type { Logger, PermissionOracle, RawMessage } from '../../../electron/node/ports.ts'
import type { VerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import type { AlertBook } from '../../../electron/node/rules/alert-book.ts'
import { LATENESS_MS } from '../../../electron/node/rules/limits.ts'
import { type Rule, ruleSchema } from '../../../shared/rules/rule.ts'
import { STREAM_ID, timeOf } from './corpus.ts'
import { arrive, ingest, median, openPipeline } from './parts.ts'

/** Rounds of judging follow each other with this pause, ms, while messages come in far faster than in life. */
const PAUSE_MS = 100

export interface WithRulesOptions {
  permissions: PermissionOracle
  logger: Logger
  /** About a second's worth: what is left to judge behind the last message of a slice is then little beside it. */
  sliceMessages: number
}

/**
 * Rate of ingest with a hundred rules over the rate without: two pipelines in one process take the same slices in
 * turns, each going first every other time, and the median of the ratios counts, the first slice left out. With rules
 * it counts until the last message of a slice is on disk and judged.
 */
export async function measureWithRules(
  corpus: readonly Uint8Array[],
  options: WithRulesOptions,
): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const bare = await openPipeline(stack, options.permissions)
  const watched = await openPipeline(stack, options.permissions)
  // The time of the messages goes by as they come: rules judge as if it were now.
  let now = firstTime()
  const book = await watch({ ...watched, stack, logger: options.logger, now: () => now })
  stack.defer(
    watched.store.onStored((notices) => {
      for (const notice of notices) {
        now = Math.max(now, notice.lastTimestamp + LATENESS_MS)
        book.stored(notice)
      }
    }),
  )
  await book.setRules(hundredRules())
  const ratios: number[] = []
  const length = options.sliceMessages
  for (let slice = 0; slice * length < corpus.length; slice++) {
    const messages = arrive(corpus.slice(slice * length, (slice + 1) * length))
    const lastTime = timeOf(slice * length + messages.length - 1)
    const withRules = () =>
      ingestJudged(watched.pool, book, messages, {
        isTold: () => now === lastTime + LATENESS_MS,
        isJudged: () => book.state().judgedUpTo === lastTime,
      })
    const without = () => ingest(bare.pool, messages)
    const [first, second] = slice % 2 === 0 ? [without, withRules] : [withRules, without]
    const [one, other] = [await first(), await second()]
    ratios.push(slice % 2 === 0 ? one / other : other / one)
    if (book.state().judgedUpTo !== lastTime) throw new Error('Not all messages were judged')
  }
  return median(ratios.slice(1))
}

/** Rounds of judging after the last message is on disk: the first may join one that began before it was. */
const LAST_ROUNDS = 3

/** Whether the book has heard of the last message, and has judged it. */
interface Ends {
  isTold(): boolean
  isJudged(): boolean
}

/** Seconds until all are on disk and judged. */
async function ingestJudged(
  pool: VerifierPool,
  book: AlertBook,
  messages: readonly RawMessage[],
  { isTold, isJudged }: Ends,
): Promise<number> {
  const start = performance.now()
  let isIngested = false
  const judging = (async () => {
    while (!isIngested) {
      await book.judge()
      await sleep(PAUSE_MS)
    }
  })()
  await ingest(pool, messages)
  isIngested = true
  // The store tells on a way of its own, which may be the longer one.
  while (!isTold()) await sleep(1)
  for (let round = 0; round < LAST_ROUNDS && !isJudged(); round++) await book.judge()
  const seconds = (performance.now() - start) / 1_000
  await judging
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
    messages: { engine: 'sqlite', file },
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
