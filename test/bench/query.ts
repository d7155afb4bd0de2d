import Database from 'better-sqlite3'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { historyFile, PART } from './history.ts'
import { quietLogger } from './quiet-logger.ts'

const FEW = 100_000
const MANY = 1_000_000
const ROUNDS = 5

/**
 * Messages a second that a query streams out of the store, over a bare `iterate()` of the same table; and how much
 * higher resident memory rises during a query of a million messages than during queries of 100,000.
 *
 * Everything is measured in turns, so that what else the machine does hits all of it. Before each long query as many
 * messages are read in short ones: what is compared is the length of an answer alone. The median of the differences
 * counts, because a heap is collected when it likes to be, and its highest point moves by tens of megabytes between
 * equal runs.
 */
export async function run(): Promise<Record<string, number>> {
  const file = historyFile(MANY)
  const iterate: number[] = []
  const query: number[] = []
  const growth: number[] = []
  const store = await openSqliteStore({ file, logger: quietLogger, clock: { now: () => Date.now() } })
  try {
    await drain(store, MANY)
    for (let round = 0; round < ROUNDS; round++) {
      const small: number[] = []
      for (let messages = 0; messages < MANY; messages += FEW) small.push((await drain(store, FEW)).peakBytes)
      const large = await drain(store, MANY)
      growth.push(large.peakBytes - Math.max(...small))
      iterate.push(iteratePerSecond(file))
      query.push(large.perSecond)
    }
    const perSecond = median(query)
    const iteratePerSecond_ = median(iterate)
    return {
      perSecond: Math.round(perSecond),
      iteratePerSecond: Math.round(iteratePerSecond_),
      ratio: perSecond / iteratePerSecond_,
      rssGrowthMB: Math.max(0, median(growth)) / 2 ** 20,
    }
  } finally {
    await store.close()
  }
}

async function drain(store: SqliteStore, limit: number): Promise<{ perSecond: number; peakBytes: number }> {
  const start = performance.now()
  let count = 0
  let bytes = 0
  let peakBytes = 0
  for await (const messages of store.query({ part: PART, limit })) {
    count += messages.length
    for (const { raw } of messages) bytes += raw.length
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  }
  if (count !== limit || bytes === 0) throw new Error(`The query gave ${count} of ${limit} messages`)
  return { perSecond: (count * 1_000) / (performance.now() - start), peakBytes }
}

function iteratePerSecond(file: string): number {
  const db = new Database(file, { readonly: true })
  try {
    const start = performance.now()
    let count = 0
    let bytes = 0
    for (const row of db.prepare<[], { raw: Buffer }>('SELECT * FROM messages').iterate()) {
      count += 1
      bytes += row.raw.length
    }
    if (bytes === 0) throw new Error('There are no messages')
    return (count * 1_000) / (performance.now() - start)
  } finally {
    db.close()
  }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
