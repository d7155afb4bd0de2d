import { abortedError } from '../aborted.ts'
import type { MovedValue, MoveSide } from './move-side.ts'
import { MOVED_TABLES } from './moved-tables.ts'

const DAY_MS = 86_400_000
const PAGE_ROWS = 4_096
const MODULUS = 1n << 256n
/** Differences that are named; the first is enough to stop. */
const MAX_NAMED = 10

export interface Comparison {
  /** Days of stream parts whose fingerprints were compared. */
  days: number
  messages: number
  /** What is not the same, in words; empty when all is. */
  differences: string[]
}

interface Day {
  count: number
  verdicts: number
  /** Sum of the digests modulo 2^256, as between nodes. */
  sum: bigint
}

/**
 * Compares two stores by what is in them now: the messages of every day of every stream part by count, verdicts and
 * the sum of their digests, made anew from the rows; all other tables by the number of their rows.
 */
export async function compareSides(
  source: MoveSide,
  target: MoveSide,
  onProgress: (messages: number) => void,
  signal: AbortSignal,
): Promise<Comparison> {
  const comparison: Comparison = { days: 0, messages: 0, differences: [] }
  for (const { name } of MOVED_TABLES) {
    const [there, here] = [source.count(name), target.count(name)]
    if (there !== here) comparison.differences.push(`${name} has ${here} rows instead of ${there}`)
  }
  const parts = source.connection
    .prepare<[], [number, string]>('SELECT id, name FROM parts ORDER BY id')
    .raw()
    .all()
  for (const [part, name] of parts) {
    const expected = await daysOf(source, part, (rows) => onProgress(comparison.messages + rows), signal)
    const found = await daysOf(target, part, () => undefined, signal)
    for (const day of new Set([...expected.keys(), ...found.keys()])) {
      comparison.days += 1
      comparison.messages += expected.get(day)?.count ?? 0
      if (isSame(expected.get(day), found.get(day))) continue
      comparison.differences.push(`${name} differs on ${new Date(day * DAY_MS).toISOString().slice(0, 10)}`)
    }
    if (comparison.differences.length > MAX_NAMED) break
  }
  comparison.differences.splice(MAX_NAMED)
  return comparison
}

function isSame(a: Day | undefined, b: Day | undefined): boolean {
  return (
    a !== undefined && b !== undefined && a.count === b.count && a.verdicts === b.verdicts && a.sum === b.sum
  )
}

const KEY = ['timestamp', 'sequence', 'publisher', 'chain', 'digest']

async function daysOf(
  side: MoveSide,
  part: number,
  onRows: (rows: number) => void,
  signal: AbortSignal,
): Promise<Map<number, Day>> {
  const days = new Map<number, Day>()
  const select = (behind: string): string =>
    `SELECT ${KEY.join(', ')}, verdict FROM messages WHERE part = ? ${behind} ORDER BY ${KEY.join(', ')} LIMIT ${PAGE_ROWS}`
  const first = side.connection.prepare<unknown[], MovedValue[]>(select('')).raw()
  const later = side.connection
    .prepare<unknown[], MovedValue[]>(select(`AND (${KEY.join(', ')}) > (?, ?, ?, ?, ?)`))
    .raw()
  let read = 0
  for (let rows = first.all(part); rows.length > 0; ) {
    if (signal.aborted) throw abortedError()
    for (const [timestamp, , , , digest, verdict] of rows)
      addTo(days, Number(timestamp), digest as Uint8Array, Number(verdict))
    read += rows.length
    onRows(read)
    await new Promise((resolve) => setImmediate(resolve))
    rows = later.all(part, ...(rows.at(-1) as MovedValue[]).slice(0, KEY.length))
  }
  return days
}

function addTo(days: Map<number, Day>, timestamp: number, digest: Uint8Array, verdict: number): void {
  const number = Math.floor(timestamp / DAY_MS)
  let day = days.get(number)
  if (day === undefined) {
    day = { count: 0, verdicts: 0, sum: 0n }
    days.set(number, day)
  }
  day.count += 1
  day.verdicts += verdict
  const { buffer, byteOffset, byteLength } = digest
  day.sum = (day.sum + BigInt(`0x${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`)) % MODULUS
}
