import { useRef } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { formatClock } from '../../../shared/format/time.ts'
import { formatReading } from '../../ui/chart/unit-format.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { useTimeZone } from '../../ui/preferences.ts'
import { ORIGIN_WORDS } from './legend.tsx'
import { figuresOf } from './line-figures.ts'
import { lineNames } from './line-names.ts'
import panel_ from './panel.module.css'
import type { PanelBodyProps } from './panel-body.tsx'
import { PanelNote } from './panel-note.tsx'
import classes from './table-panel.module.css'
import { usePanelFrame, usePanelSource } from './use-panel-frame.ts'
import { useWorkspace } from './workspace-context.ts'

/** The window in numbers, a row for each line. */
export function TablePanel({ panel, unit, title }: PanelBodyProps) {
  const { schemaOf } = useWorkspace()
  const zone = useTimeZone()
  const box = useRef<HTMLDivElement>(null)
  const source = usePanelSource(panel, unit)
  const frame = usePanelFrame(source, box)
  const lines = frame?.lines ?? []
  const names = lineNames(lines, schemaOf)
  return (
    <div className={panel_.body} ref={box}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard */}
      <section className={classes.scroll} tabIndex={0} aria-label={`${title} in numbers`}>
        {frame === null || lines.length === 0 ? null : (
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Series</th>
                <th scope="col">Last</th>
                <th scope="col">Least</th>
                <th scope="col">Mean</th>
                <th scope="col">Greatest</th>
                <th scope="col">Values</th>
                <th scope="col">At</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => {
                const figures = figuresOf(line, frame)
                const origin = ORIGIN_WORDS[line.origin]
                const cell = (value: number | null | undefined) =>
                  value === null || value === undefined ? '–' : formatReading(value, unit)
                return (
                  <tr key={line.key}>
                    <th scope="row">
                      <span
                        className={classes.swatch}
                        style={{ background: `var(--tm-series-${line.colour})` }}
                      />
                      <PlainText>{names.short(line)}</PlainText>
                      {origin === null ? null : <em>{origin}</em>}
                    </th>
                    <td className={classes.last}>{cell(figures?.last)}</td>
                    <td>{cell(figures?.min)}</td>
                    <td>{cell(figures?.mean)}</td>
                    <td>{cell(figures?.max)}</td>
                    <td>{figures === null ? '–' : formatCount(figures.count)}</td>
                    <td>
                      {figures?.lastAt == null ? '–' : formatClock(figures.lastAt - line.shiftMs, zone)}
                    </td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        )}
      </section>
      <PanelNote panel={panel} note={{ state: source.state(), isEmpty: lines.length === 0, lines: 0 }} />
    </div>
  )
}
