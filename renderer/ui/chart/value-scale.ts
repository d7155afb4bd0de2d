export interface ValueScale {
  min: number
  max: number
  /** Distance between two lines of the grid. */
  step: number
}

/** More lines than this are no grid; guards against steps lost to rounding. */
const MAX_STEPS = 60

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
  // A round end beyond the largest number there is would be infinite.
  return {
    min: Math.max(-Number.MAX_VALUE, Math.floor(min / step) * step),
    max: Math.min(Number.MAX_VALUE, Math.ceil(max / step) * step),
    step,
  }
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

/** How many steps of the grid a scale has; 1 where the numbers are too large or too small to be divided. */
export function stepsOf(scale: ValueScale): number {
  const steps = Math.round((scale.max - scale.min) / scale.step)
  return Number.isFinite(steps) && steps >= 1 && steps <= MAX_STEPS ? steps : 1
}

/** The value at a line of the grid, counted from below. */
export function valueOfStep(scale: ValueScale, step: number): number {
  const steps = stepsOf(scale)
  if (step === 0) return scale.min
  return step === steps ? scale.max : scale.min + step * scale.step
}

/**
 * Where a value stands between the ends of the scale, from 0 to 1. What is drawn is drawn by this, so that neither
 * 1e300 nor 1e-300 ever meets arithmetic that was made for everyday numbers.
 */
export function shareOf(scale: ValueScale, value: number): number {
  // Halves, because the distance of the largest numbers is larger than any number.
  const share = (value / 2 - scale.min / 2) / (scale.max / 2 - scale.min / 2)
  return Number.isFinite(share) ? share : 0.5
}
