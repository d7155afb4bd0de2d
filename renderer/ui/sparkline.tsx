import { missingBars } from './missing-bars.ts'
import classes from './sparkline.module.css'

export interface SparklineProps {
  /** Oldest first. */
  counts: readonly number[]
  /** Gaps that end in each of the same stretches. */
  gaps?: readonly number[]
  label: string
}

const WIDTH = 120
const HEIGHT = 28
/** Lines of the hatch of a gap, so many to a bar. */
const HATCH_LINES = 2

/** Counts over the last minutes as bars; hatched where messages are missing, nothing where nothing came. */
export function Sparkline({ counts, gaps = [], label }: SparklineProps) {
  const top = Math.max(1, ...counts)
  const step = WIDTH / Math.max(1, counts.length)
  return (
    <svg
      className={classes.sparkline}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className={classes.base} d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
      <path
        className={classes.bars}
        d={counts
          .map((count, index) => {
            if (count <= 0) return ''
            const height = Math.max(1.5, (count / top) * (HEIGHT - 3))
            return `M${(index * step + 0.3).toFixed(2)} ${HEIGHT - 1}v${(-height).toFixed(2)}h${(step - 0.6).toFixed(2)}v${height.toFixed(2)}z`
          })
          .join('')}
      />
      {missingBars(counts, gaps).map(({ from, to }) => (
        <g key={from} className={classes.gap}>
          <rect x={from * step} y={1} width={(to - from) * step} height={HEIGHT - 2} />
          <path d={hatchOf(from * step, step / HATCH_LINES, (to - from) * HATCH_LINES)} />
        </g>
      ))}
    </svg>
  )
}

function hatchOf(left: number, lineStep: number, lines: number): string {
  return Array.from(
    { length: lines },
    (_, line) => `M${(left + line * lineStep).toFixed(2)} ${HEIGHT - 1}l${lineStep.toFixed(2)} ${2 - HEIGHT}`,
  ).join('')
}
