import { Tooltip } from '@mantine/core'
import { type RefObject, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { ChartFrame, ChartLine, LineOrigin } from '../../ui/chart/frame.ts'
import { bucketBeside, standingBucket } from '../../ui/chart/segments.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { visibleText } from '../../ui/plain-text.tsx'
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

/** Values at the end of a moving window are told anew at most so often, ms. */
const TELL_EVERY_MS = 120

interface Told {
  at: number
  cursorAt: number | null
  /** The newest frame that was not told yet. */
  frame: ChartFrame | null
  timer: ReturnType<typeof setTimeout> | undefined
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
  const told = useRef<Told>({ at: Number.NEGATIVE_INFINITY, cursorAt: null, frame: null, timer: undefined })

  useImperativeHandle(
    ref,
    () => ({
      show(frame, cursorAt) {
        const keys = frame.lines.map((line) => `${line.key} ${line.colour} ${line.origin}`).join('\n')
        if (keys !== shownKeys.current) {
          shownKeys.current = keys
          setLines(frame.lines)
        }
        // A crosshair is followed at once; numbers that only pass by are told as often as they can be read.
        const now = performance.now()
        if (cursorAt === told.current.cursorAt && now - told.current.at < TELL_EVERY_MS) {
          told.current.frame = frame
          told.current.timer ??= setTimeout(() => {
            const { frame: newest } = told.current
            told.current.timer = undefined
            told.current.at = Number.NEGATIVE_INFINITY
            if (newest !== null) ref.current?.show(newest, told.current.cursorAt)
          }, TELL_EVERY_MS)
          return
        }
        clearTimeout(told.current.timer)
        told.current = { at: now, cursorAt, frame: null, timer: undefined }
        for (const { key, buckets, intervalMs, origin } of frame.lines) {
          const elements = values.current.get(key)
          if (elements === undefined) continue
          const textOf = (bucket: { last: number } | undefined) =>
            bucket === undefined
              ? '–'
              : `${origin === 'estimated' ? '≈ ' : ''}${formatValue(bucket.last, unit)}`
          write(
            elements.standing,
            textOf(standingBucket(buckets, frame.playhead ?? frame.to, intervalMs, frame.playhead === null)),
          )
          write(elements.cursor, cursorAt === null ? '' : textOf(bucketBeside(buckets, cursorAt, intervalMs)))
        }
      },
    }),
    [unit, ref],
  )
  useEffect(
    () => () => {
      clearTimeout(told.current.timer)
      values.current.clear()
    },
    [],
  )
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
