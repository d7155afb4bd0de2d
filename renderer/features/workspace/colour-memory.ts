import { SERIES_COLOURS } from '../../ui/chart/series-colours.ts'

const STORAGE_KEY = 'tidemark:series-colours'
/** Decisions kept over a restart; the oldest are forgotten first. */
const MAX_KEPT = 1_000

function readKept(): Map<string, number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]')
    if (!Array.isArray(kept)) return new Map()
    const entries = kept.filter(
      (entry): entry is [string, number] =>
        Array.isArray(entry) &&
        typeof entry[0] === 'string' &&
        Number.isInteger(entry[1]) &&
        entry[1] >= 0 &&
        entry[1] < SERIES_COLOURS,
    )
    return new Map(entries)
  } catch {
    return new Map()
  }
}

/** Colour of each series ever shown here, the same in every panel and after every start. */
export const keptColours: Map<string, number> = readKept()
let keptCount = keptColours.size

/** Writes down new decisions, if there are any. */
export function keepColours(): void {
  if (keptColours.size === keptCount) return
  for (const key of keptColours.keys()) {
    if (keptColours.size <= MAX_KEPT) break
    keptColours.delete(key)
  }
  keptCount = keptColours.size
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify([...keptColours]))
  } catch {
    // Storage is full or refused: colours hold until the page is closed.
    return
  }
}
