import { copyTables } from '../../electron/node/store/move/copy-tables.ts'
import { openSource, openTarget } from '../../electron/node/store/move/move-side.ts'
import { openSqliteStore } from '../../electron/node/store/sqlite-store.ts'
import type { EngineStore } from '../../electron/node/store/store-front.ts'
import { type BenchDatabase, flagValue, openBenchDatabase } from './bench-database.ts'
import { FIELD, HISTORY_START, historyEnd, historyFile, PART, PUBLISHERS, publisherOf } from './history.ts'
import { quietLogger } from './quiet-logger.ts'

const LARGE = 10_000_000
const SMALL = 100_000
const WINDOWS = 300
/** Pixels: at most two buckets each, so up to 2,000 buckets. */
const WIDTH_PX = 1_000
/** Narrowest window, ms. */
const NARROWEST_MS = 10_000

/**
 * Time to answer a chart window of one field of one publisher at up to 2,000 buckets: windows of any width, from ten
 * seconds to the whole history, anywhere in it. A stream of ten million messages (or `--messages N`) against one of a
 * hundred thousand; with `--engine postgres` in a server of the bench's own.
 */
export async function run(flags: readonly string[] = []): Promise<Record<string, number>> {
  const messages = Number(flagValue(flags, '--messages') ?? LARGE)
  if (flagValue(flags, '--engine') !== 'postgres')
    return measure(await open(SMALL), await open(messages), messages)
  await using database = await openBenchDatabase()
  // Awaited here: the server ends with this scope.
  return await measure(await fill(database, SMALL), await fill(database, messages), messages)
}

/** The same history in a schema of a server. */
async function fill(database: BenchDatabase, messages: number): Promise<EngineStore> {
  const schema = `history_${messages}`
  const [source, target] = [
    openSource({ engine: 'sqlite', file: historyFile(messages) }),
    openTarget({ engine: 'postgres', wire: database.cluster.wire(schema) }),
  ]
  process.stderr.write(`bench: copying a history of ${messages} messages to the server\n`)
  await copyTables({
    ...{ source, target, from: 'bench', totalRows: 0, onProgress: () => undefined },
    signal: new AbortController().signal,
  })
  source.close()
  target.close()
  await database.cluster.admin((client) => client.query('VACUUM ANALYZE'))
  return database.openStore(schema)
}

async function measure(
  small: EngineStore,
  large: EngineStore,
  messages: number,
): Promise<Record<string, number>> {
  try {
    const times: { small: number[]; large: number[] } = { small: [], large: [] }
    await windows(small, SMALL, [], WINDOWS / 10)
    await windows(large, messages, [], WINDOWS / 10)
    // In turns: what else the machine does hits both.
    for (let round = 0; round < 10; round++) {
      await windows(small, SMALL, times.small, WINDOWS / 10)
      await windows(large, messages, times.large, WINDOWS / 10)
    }
    const p95Ms = percentile(times.large, 0.95)
    const p95MsSmall = percentile(times.small, 0.95)
    return {
      p95Ms,
      p95MsSmall,
      ratio: p95Ms / p95MsSmall,
      medianMs: percentile(times.large, 0.5),
      maxMs: percentile(times.large, 1),
    }
  } finally {
    await small.close()
    await large.close()
  }
}

async function open(messages: number): Promise<EngineStore> {
  return openSqliteStore({
    file: historyFile(messages),
    logger: quietLogger,
    clock: { now: () => Date.now() },
  })
}

async function windows(store: EngineStore, messages: number, times: number[], count: number): Promise<void> {
  const whole = historyEnd(messages) - HISTORY_START
  for (let window = 0; window < count; window++) {
    // Widths are spread evenly over the orders of magnitude: each zoom step is as likely as any other.
    const width = NARROWEST_MS * (whole / NARROWEST_MS) ** Math.random()
    const from = HISTORY_START + Math.random() * (whole - width)
    const query = {
      part: PART,
      fields: [FIELD],
      publishers: [publisherOf(window % PUBLISHERS)],
      from: Math.floor(from),
      to: Math.floor(from + width),
      widthPx: WIDTH_PX,
    }
    const start = performance.now()
    const { series } = await store.chart(query)
    times.push(performance.now() - start)
    const buckets = series[0]?.buckets.length ?? 0
    if (buckets === 0 || buckets > 2 * WIDTH_PX)
      throw new Error(`${buckets} buckets at ${JSON.stringify(query)}`)
  }
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
