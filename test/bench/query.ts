import Database from 'better-sqlite3'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { historyFile, PART } from './history.ts'
import { quietLogger } from './quiet-logger.ts'

const FEW = 100_000
const MANY = 1_000_000
const ROUNDS = 3

/**
 * Messages a second that a query streams out of the store, over a bare `iterate()` of the same table; and how much
 * resident memory grows from a query of 100,000 messages to one of a million.
 */
export async function run(): Promise<Record<string, number>> {
  const file = historyFile(MANY)
  const iterate: number[] = []
  const query: number[] = []
  const store = await openSqliteStore({ file, logger: quietLogger, clock: { now: () => Date.now() } })
  try {
    // As many messages as the large query has, so that what is compared is the length of an answer alone and not a
    // heap that has not met its load yet.
    let small = 0
    for (let messages = 0; messages < MANY; messages += FEW) small = (await drain(store, FEW)).peakBytes
    const large = (await drain(store, MANY)).peakBytes
    // Side by side, in turns: what else the machine does hits both.
    for (let round = 0; round < ROUNDS; round++) {
      iterate.push(iteratePerSecond(file))
      query.push((await drain(store, MANY)).perSecond)
    }
    const perSecond = median(query)
    const iteratePerSecond_ = median(iterate)
    return {
      perSecond: Math.round(perSecond),
      iteratePerSecond: Math.round(iteratePerSecond_),
      ratio: perSecond / iteratePerSecond_,
      rssGrowthMB: Math.max(0, large - small) / 2 ** 20,
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
