/** Series colours to choose from. */
export const SERIES_COLOURS = 10

/** FNV-1a: small, fast and the same on every machine. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index)
    value = Math.imul(value, 0x01000193)
  }
  return value >>> 0
}

/**
 * Numbers of the colours for the series of one panel. A series has the colour its name leads to, on every panel
 * and after every start; where two meet on one panel, the later one takes the next that is free, and keeps it:
 * `kept` holds those decisions and is changed here.
 */
export function assignColours(keys: readonly string[], kept: Map<string, number>): number[] {
  const taken = new Set<number>()
  const chosen = new Map<string, number>()
  // Those that were decided before hold their place against newcomers.
  const order = [...new Set(keys)].sort((a, b) => Number(kept.has(b)) - Number(kept.has(a)))
  for (const key of order) {
    const wanted = kept.get(key) ?? hash(key) % SERIES_COLOURS
    let colour = wanted
    for (let step = 0; step < SERIES_COLOURS && taken.has(colour); step += 1) {
      colour = (colour + 1) % SERIES_COLOURS
    }
    taken.add(colour)
    chosen.set(key, colour)
    if (!kept.has(key)) kept.set(key, colour)
  }
  return keys.map((key) => chosen.get(key) ?? 0)
}
