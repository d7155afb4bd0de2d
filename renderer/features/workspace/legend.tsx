import { Tooltip } from '@mantine/core'
import { type RefObject, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { ChartFrame, ChartLine } from '../../ui/chart/frame.ts'
import { bucketBeside, standingBucket } from '../../ui/chart/segments.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import classes from './legend.module.css'
import type { LineNames } from './line-names.ts'

export interface LegendHandle {
  /** Shows the values at the cursor, else those that stand at the playhead or now. Renders nothing anew. */
  show(frame: ChartFrame, cursorAt: number | null): void
}

export interface LegendProps {
  ref: RefObject<LegendHandle | null>
  names: LineNames
  unit: string | null
}

/** The lines of a panel with their values at the crosshair, at the playhead, or now. */
export function Legend({ ref, names, unit }: LegendProps) {
  const [lines, setLines] = useState<readonly ChartLine[]>([])
  const shownKeys = useRef('')
  const values = useRef(new Map<string, HTMLElement>())

  useImperativeHandle(
    ref,
    () => ({
      show(frame, cursorAt) {
        const keys = frame.lines.map((line) => `${line.key} ${line.colour}`).join('\n')
        if (keys !== shownKeys.current) {
          shownKeys.current = keys
          setLines(frame.lines)
        }
        for (const line of frame.lines) {
          const element = values.current.get(line.key)
          if (element === undefined) continue
          const { buckets } = line
          const bucket =
            cursorAt === null
              ? standingBucket(buckets, frame.playhead ?? frame.to, frame.expectedIntervalMs)
              : bucketBeside(buckets, cursorAt, frame.expectedIntervalMs)
          const text = bucket === undefined ? '–' : formatValue(bucket.last, unit)
          if (element.textContent !== text) element.textContent = text
        }
      },
    }),
    [unit],
  )
  useEffect(() => () => values.current.clear(), [])

  return (
    <ul className={classes.legend}>
      {lines.map((line) => (
        <Tooltip key={line.key} label={visibleText(names.full(line))} multiline maw={360}>
          <li>
            <span className={classes.swatch} style={{ background: `var(--tm-series-${line.colour})` }} />
            <bdi className={classes.name}>{visibleText(names.short(line)).slice(0, 60)}</bdi>
            <span
              className={classes.value}
              ref={(element) => {
                if (element === null) values.current.delete(line.key)
                else values.current.set(line.key, element)
              }}
            >
              –
            </span>
          </li>
        </Tooltip>
      ))}
    </ul>
  )
}
