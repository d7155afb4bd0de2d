import classes from './sparkline.module.css'

export interface SparklineProps {
  /** Oldest first. */
  counts: readonly number[]
  label: string
}

const WIDTH = 120
const HEIGHT = 28

/** Counts over the last minutes as bars; nothing where nothing came. */
export function Sparkline({ counts, label }: SparklineProps) {
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
    </svg>
  )
}
