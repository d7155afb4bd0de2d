/**
 * How many cells a difference needs, and how large a difference is that its cells could not decode yet. Both serve
 * one aim: that the second request of a session is the last.
 */

/** Share of sessions that have to ask once more than the plan, when sketches are sized with `cellsNeeded`. */
const OVERHEAD = [
  // difference, cells per difference that 99 of 100 sets need (measured over 2,000 sets each, 30 for the largest)
  [1, 1],
  [2, 5],
  [4, 4.3],
  [8, 3.7],
  [16, 2.7],
  [32, 2.25],
  [64, 1.92],
  [128, 1.69],
  [300, 1.56],
  [1_000, 1.46],
  [3_000, 1.4],
  [10_000, 1.378],
  [100_000, 1.362],
] as const

/** Cells beyond which two counts may differ by more than their value modulo 256 shows: four deviations of 30. */
const LARGEST_DEVIATION = 30

/** Cells with which 99 of 100 differences of this size can be decoded. */
export function cellsNeeded(difference: number): number {
  if (difference < 1) return 1
  let lower: readonly [number, number] = OVERHEAD[0]
  for (const upper of OVERHEAD) {
    if (difference <= upper[0]) {
      const span = Math.log(upper[0]) - Math.log(lower[0])
      const share = span === 0 ? 0 : (Math.log(difference) - Math.log(lower[0])) / span
      return Math.ceil(difference * (lower[1] + share * (upper[1] - lower[1])))
    }
    lower = upper
  }
  return Math.ceil(difference * lower[1])
}

export interface DifferenceEstimate {
  /** Items that the two sets do not share, as far as the cells tell. */
  difference: number
  /** Its standard deviation over the estimate. */
  relativeError: number
}

/**
 * Estimates the size of a difference from its cells' counts. An item lies in cell i with p = 1 / (1 + i / 2),
 * independently of all others, so the count difference of cell i has the mean (remote - local) p and the variance
 * difference x p (1 - p): each cell is a sample of the variance.
 *
 * @param countDifferences of the cells from 0 on, modulo 256, from -128 to 127.
 * @param remoteSurplus size of the remote set less that of the local one.
 */
export function estimateDifference(
  countDifferences: Int8Array,
  remoteSurplus: number,
): DifferenceEstimate | undefined {
  const cells = countDifferences.length
  if (cells < 2) return undefined
  // Counts are known modulo 256 only, so cells whose deviation may exceed that are left out. Later cells deviate
  // less: begin with the last half and widen as far as the estimate allows.
  let first = cells >> 1
  let difference = variance(countDifferences, remoteSurplus, first)
  for (let pass = 0; pass < 3; pass++) {
    first = firstReliableCell(difference, cells)
    difference = variance(countDifferences, remoteSurplus, first)
  }
  return {
    difference: Math.max(difference, Math.abs(remoteSurplus)),
    relativeError: Math.sqrt(2 / (cells - first)),
  }
}

function firstReliableCell(difference: number, cells: number): number {
  const first = Math.ceil((2 * difference) / LARGEST_DEVIATION ** 2)
  return Math.min(Math.max(first, 1), cells - 1)
}

function variance(countDifferences: Int8Array, remoteSurplus: number, first: number): number {
  let sum = 0
  for (let cell = first; cell < countDifferences.length; cell++) {
    const p = 1 / (1 + cell / 2)
    const deviation = (countDifferences[cell] ?? 0) - remoteSurplus * p
    const wrapped = deviation - 256 * Math.round(deviation / 256)
    sum += wrapped ** 2 / (p * (1 - p))
  }
  return sum / (countDifferences.length - first)
}
