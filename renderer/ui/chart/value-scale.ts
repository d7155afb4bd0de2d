export interface ValueScale {
  min: number
  max: number
  /** Distance between two lines of the grid. */
  step: number
}

const MAX_DOUBLINGS = 60

/** The round number (1, 2, 2.5 or 5 times a power of ten) next above `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const digits = rough / power
  const nice = digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 2.5 ? 2.5 : digits <= 5 ? 5 : 10
  return nice * power
}

/**
 * A scale with round ends around what is seen. Zero belongs to it when values are of its order, so that
 * proportions can be trusted; values far from zero get a scale of their own, so that change can be seen.
 * @param lines How many lines of the grid there is room for.
 */
export function valueScale(low: number, high: number, lines: number): ValueScale {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { min: 0, max: 1, step: 0.5 }
  let min = Math.min(low, high)
  let max = Math.max(low, high)
  if (min >= 0 && min <= max * 0.5) min = 0
  if (max <= 0 && max >= min * 0.5) max = 0
  // So close together that a step between them would be lost to rounding: as good as one value.
  if (max - min <= Math.max(Math.abs(min), Math.abs(max)) * 1e-10) {
    const room = max === 0 ? 1 : Math.abs(max) * 0.1
    if (min !== 0) min -= room
    max += room
  }
  const step = niceStep((max - min) / Math.max(1, lines))
  if (!Number.isFinite(step) || step <= 0) return { min, max, step: max - min }
  return { min: Math.floor(min / step) * step, max: Math.ceil(max / step) * step, step }
}

/**
 * The scale to draw with, given the one that is on screen: it grows at once, and shrinks only when it has become
 * far too large, so that a live chart does not breathe with every value.
 */
export function settleScale(
  previous: ValueScale | null,
  low: number,
  high: number,
  lines: number,
): ValueScale {
  const fresh = valueScale(low, high, lines)
  if (previous === null) return fresh
  const holds = previous.min <= low && previous.max >= high
  const isRoomy = previous.max - previous.min > (fresh.max - fresh.min) * 1.7
  return holds && !isRoomy ? previous : fresh
}

/** Whether a scale can be told in a finite number of lines; guards against steps lost to rounding. */
export function isDrawable(scale: ValueScale): boolean {
  const lines = (scale.max - scale.min) / scale.step
  return Number.isFinite(lines) && lines > 0 && lines <= MAX_DOUBLINGS
}
