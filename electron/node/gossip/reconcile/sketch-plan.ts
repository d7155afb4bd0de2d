import { MAX_LISTED_IDS } from '../limits.ts'
import { MAX_SKETCH_CELLS } from '../riblt/cell-encoder.ts'
import { cellsNeeded, type DifferenceEstimate } from '../riblt/difference-estimate.ts'
import { isListCheaper, MARGIN_DEVIATIONS } from './first-sketch.ts'

/** A sketch that did not decode grows by at least this factor, the first, second, third time and so on. */
const LEAST_GROWTH = [1.04, 1.04, 1.25, 1.5] as const
const LATER_GROWTH = 2

export type NextStep =
  | { readonly kind: 'more'; readonly total: number }
  | { readonly kind: 'list' }
  | { readonly kind: 'split' }

/**
 * What to ask for when `cells` cells did not decode: as many as the estimate needs, or the list of the peer's
 * `remoteSize` ids when that is cheaper, or nothing but a smaller range when neither fits its bounds.
 * @param attempts requests for more that went before this one.
 */
export function planNextStep(
  cells: number,
  estimate: DifferenceEstimate | undefined,
  remoteSize: number,
  attempts: number,
): NextStep {
  const { difference, relativeError } = estimate ?? { difference: cells, relativeError: 1 }
  const needed = cellsNeeded(difference, relativeError, MARGIN_DEVIATIONS)
  const total = Math.max(needed, Math.ceil(cells * (LEAST_GROWTH[attempts] ?? LATER_GROWTH)))
  if (isListCheaper(cells, total, remoteSize)) return { kind: 'list' }
  if (total <= MAX_SKETCH_CELLS) return { kind: 'more', total }
  return remoteSize <= MAX_LISTED_IDS ? { kind: 'list' } : { kind: 'split' }
}
