import { Tooltip } from '@mantine/core'
import { type RefObject, useEffect, useImperativeHandle, useMemo, useRef, useState } from 'react'
import type { ChartFrame, ChartLine, LineOrigin } from '../../ui/chart/frame.ts'
import { bucketBeside, standingBucket } from '../../ui/chart/segments.ts'
import { formatReading } from '../../ui/chart/unit-format.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { seldom } from '../../ui/seldom.ts'
import classes from './legend.module.css'
import { lineNames, type SchemaOf } from './line-names.ts'

export interface LegendHandle {
  /** Shows the values at the cursor and those that stand at the playhead or now. Renders nothing anew. */
  show(frame: ChartFrame, cursorAt: number | null): void
}

export interface LegendProps {
  ref: RefObject<LegendHandle | null>
  schemaOf: SchemaOf
  unit: string | null
}

/** What a value is worth that was not measured as it is shown. */
export const ORIGIN_WORDS: Record<LineOrigin, string | null> = {
  measured: null,
  derived: 'derived',
  estimated: 'estimated',
}

interface Values {
  cursor: HTMLElement | null
  standing: HTMLElement | null
}

function write(element: HTMLElement | null, text: string): void {
  if (element !== null && element.textContent !== text) element.textContent = text
}

/** The lines of a panel with their values at the crosshair, and at the playhead or now. */
export function Legend({ ref, schemaOf, unit }: LegendProps) {
  const [lines, setLines] = useState<readonly ChartLine[]>([])
  const shownKeys = useRef('')
  const values = useRef(new Map<string, Values>())
  const told = useRef<{ frame: ChartFrame; cursorAt: number | null } | null>(null)

  const { tell, tellNow } = useMemo(() => {
    const now = () => {
      if (told.current === null) return
      const { frame, cursorAt } = told.current
      for (const { key, buckets, intervalMs, origin } of frame.lines) {
        const elements = values.current.get(key)
        if (elements === undefined) continue
        const textOf = (bucket: { last: number } | undefined) =>
          bucket === undefined
            ? '–'
            : `${origin === 'estimated' ? '≈ ' : ''}${formatReading(bucket.last, unit)}`
        write(
          elements.standing,
          textOf(standingBucket(buckets, frame.playhead ?? frame.to, intervalMs, frame.playhead === null)),
        )
        write(elements.cursor, cursorAt === null ? '' : textOf(bucketBeside(buckets, cursorAt, intervalMs)))
      }
    }
    return { tellNow: now, tell: seldom(now) }
  }, [unit])

  useImperativeHandle(
    ref,
    () => ({
      show(frame, cursorAt) {
        // The same lines with other values need no look at their names.
        if (told.current?.frame.lines !== frame.lines) {
          const keys = frame.lines.map((line) => `${line.key} ${line.colour} ${line.origin}`).join('\n')
          if (keys !== shownKeys.current) {
            shownKeys.current = keys
            setLines(frame.lines)
          }
        }
        const isCursorMoved = cursorAt !== (told.current?.cursorAt ?? null)
        told.current = { frame, cursorAt }
        // A crosshair is followed at once; numbers that only pass by are told as often as they can be read.
        if (isCursorMoved) tellNow()
        else tell()
      },
    }),
    [tell, tellNow],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines that have just come have their values at once
  useEffect(() => tellNow(), [lines, tellNow])
  useEffect(() => () => tell.cancel(), [tell])
  const names = lineNames(lines, schemaOf)

  function keep(key: string, which: keyof Values, element: HTMLElement | null): void {
    const known = values.current.get(key) ?? { cursor: null, standing: null }
    known[which] = element
    if (known.cursor === null && known.standing === null) values.current.delete(key)
    else values.current.set(key, known)
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard (WCAG 2.1.1)
    <ul className={classes.legend} tabIndex={0} aria-label="Lines and their values">
      {lines.map((line) => {
        const origin = ORIGIN_WORDS[line.origin]
        return (
          <Tooltip
            key={line.key}
            label={`${visibleText(names.full(line))}${origin === null ? '' : `, ${origin}`}`}
            multiline
            maw={360}
          >
            <li>
              <span
                className={classes.swatch}
                data-origin={line.origin}
                data-earlier={line.shiftMs !== 0 || undefined}
                style={{ color: `var(--tm-series-${line.colour})` }}
              />
              <bdi className={classes.name}>{visibleText(names.short(line)).slice(0, 60)}</bdi>
              {origin === null ? null : <span className={classes.origin}>{origin}</span>}
              <span
                className={classes.cursor}
                data-value="cursor"
                ref={(element) => keep(line.key, 'cursor', element)}
              />
              <span
                className={classes.value}
                data-value="standing"
                ref={(element) => keep(line.key, 'standing', element)}
              >
                –
              </span>
            </li>
          </Tooltip>
        )
      })}
    </ul>
  )
}
