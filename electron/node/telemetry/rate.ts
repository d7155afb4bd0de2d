import { Unavailable } from './collector.ts'

/**
 * Turns counters that only grow into rates a second.
 * @throws Unavailable `not-yet` at the first reading and when a counter went back (an interface or disk came anew).
 */
export function createRate<K extends string>(
  read: () => Promise<Record<K, number>>,
  monotonic: () => number,
): () => Promise<Record<K, number>> {
  let before: { counters: Record<K, number>; at: number } | undefined
  return async () => {
    const counters = await read()
    const at = monotonic()
    const last = before
    before = { counters, at }
    const keys = Object.keys(counters) as K[]
    if (last === undefined || at <= last.at || keys.some((key) => counters[key] < last.counters[key])) {
      throw new Unavailable('not-yet')
    }
    const seconds = (at - last.at) / 1_000
    const rates = keys.map((key) => [key, Math.round((counters[key] - last.counters[key]) / seconds)])
    return Object.fromEntries(rates) as Record<K, number>
  }
}
