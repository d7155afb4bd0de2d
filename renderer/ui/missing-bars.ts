/** Bars that a gap covers, `to` exclusive: from the last that has messages before it to the one that names it. */
export function missingBars(
  counts: readonly number[],
  gaps: readonly number[],
): { from: number; to: number }[] {
  const bars: { from: number; to: number }[] = []
  gaps.forEach((count, index) => {
    if (count <= 0) return
    const before = counts.slice(0, index).findLastIndex((messages) => messages > 0)
    // What came within the same bar leaves no room before it: the gap is shown in the bar itself.
    const from = before < 0 ? index : Math.min(index, before + 1)
    bars.push({ from, to: Math.max(from + 1, index) })
  })
  return bars
}
