import type { ChartFrame } from '../../ui/chart/frame.ts'
import { type ValueScale, valueScale } from '../../ui/chart/value-scale.ts'
import { bucketsWithin } from './line-figures.ts'

export interface HistogramBars {
  key: string
  colour: number
  /** Messages by bin, lowest values first. */
  counts: number[]
}

export interface Histogram {
  scale: ValueScale
  bars: HistogramBars[]
  /** Most messages in one bin. */
  top: number
  total: number
  /** Merged messages were spread evenly between their least and greatest value. */
  isEstimated: boolean
}

const MOST_BINS = 60

/** How often which value came within the window. */
export function histogramOf(frame: ChartFrame): Histogram {
  const lines = frame.lines.filter((line) => line.shiftMs === 0)
  const found = lines.map((line) => bucketsWithin(line, frame))
  let [low, high, total] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0]
  for (const bucket of found.flat()) {
    low = Math.min(low, bucket.min)
    high = Math.max(high, bucket.max)
    total += bucket.count
  }
  const bins = Math.min(MOST_BINS, Math.max(8, Math.ceil(Math.sqrt(total))))
  const seen = valueScale(frame.bounds.min ?? low, frame.bounds.max ?? high, 6)
  const scale = { ...seen, min: frame.bounds.min ?? seen.min, max: frame.bounds.max ?? seen.max }
  // By halves: the distance of the largest numbers is larger than any number.
  const binOf = (value: number) =>
    Math.min(
      bins - 1,
      Math.max(0, Math.floor(((value / 2 - scale.min / 2) / (scale.max / 2 - scale.min / 2)) * bins)),
    )
  let isEstimated = lines.some((line) => line.origin === 'estimated')
  const bars = lines.map((line, index): HistogramBars => {
    const counts = new Array<number>(bins).fill(0)
    for (const { min, max, count } of found[index] ?? []) {
      const [first, last] = [binOf(min), binOf(max)]
      if (first !== last) isEstimated = true
      const share = count / (last - first + 1)
      for (let bin = first; bin <= last; bin += 1) counts[bin] = (counts[bin] ?? 0) + share
    }
    return { key: line.key, colour: line.colour, counts }
  })
  const top = Math.max(
    0,
    ...Array.from({ length: bins }, (_, bin) =>
      bars.reduce((sum, { counts }) => sum + (counts[bin] ?? 0), 0),
    ),
  )
  return { scale, bars, top, total, isEstimated }
}
