/** A pattern in which `*` stands for any text, matched in time linear in both lengths. */
export interface MetricPattern {
  readonly text: string
  matches(name: string): boolean
}

/**
 * Made by hand and not as a regular expression: `*a*a*a*` must not take forever on a name somebody chose for it.
 * Each piece between stars is found at its first place after the one before.
 */
export function createMetricPattern(text: string): MetricPattern {
  const pieces = text.split('*')
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  const middle = pieces.slice(1, -1)
  return {
    text,
    matches(name) {
      if (pieces.length === 1) return name === text
      if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) {
        return false
      }
      let at = first.length
      const end = name.length - last.length
      for (const piece of middle) {
        const found = name.indexOf(piece, at)
        if (found === -1 || found + piece.length > end) return false
        at = found + piece.length
      }
      return true
    },
  }
}
