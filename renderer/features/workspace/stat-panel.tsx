import { useRef } from 'react'
import type { ChartFrame, ChartLine } from '../../ui/chart/frame.ts'
import { standingBucket } from '../../ui/chart/segments.ts'
import { formatReading } from '../../ui/chart/unit-format.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import { STANDING_WORDS, VerdictIcon } from '../../ui/verdict.tsx'
import { ORIGIN_WORDS } from './legend.tsx'
import { figuresOf } from './line-figures.ts'
import { lineNames, type SchemaOf } from './line-names.ts'
import panel_ from './panel.module.css'
import type { PanelBodyProps } from './panel-body.tsx'
import { PanelNote } from './panel-note.tsx'
import { SparkArea } from './spark-area.tsx'
import classes from './stat-panel.module.css'
import { usePanelFrame, usePanelSource } from './use-panel-frame.ts'
import { useWorkspace } from './workspace-context.ts'

/** One value, large; with what it did in the window beneath it. */
export function StatPanel({ panel, unit }: PanelBodyProps) {
  const { schemaOf } = useWorkspace()
  const box = useRef<HTMLDivElement>(null)
  const source = usePanelSource(panel, unit)
  const frame = usePanelFrame(source, box)
  const lines = (frame?.lines ?? []).filter((line) => line.shiftMs === 0)
  const isEmpty = lines.length === 0
  return (
    <div className={panel_.body} ref={box}>
      <div className={classes.stats} data-many={lines.length > 1 || undefined}>
        {frame === null
          ? null
          : lines.map((line) => (
              <Stat key={line.key} line={line} frame={frame} unit={unit} lines={lines} schemaOf={schemaOf} />
            ))}
      </div>
      <PanelNote panel={panel} note={{ state: source.state(), isEmpty, lines: 0 }} />
    </div>
  )
}

interface StatProps {
  line: ChartLine
  lines: readonly ChartLine[]
  frame: ChartFrame
  unit: string | null
  schemaOf: SchemaOf
}

function Stat({ line, lines, frame, unit, schemaOf }: StatProps) {
  const standing = standingBucket(
    line.buckets,
    frame.playhead ?? frame.to,
    line.intervalMs,
    frame.playhead === null,
  )
  const figures = figuresOf(line, frame)
  const earlier = frame.lines.find((other) => other.key === `${line.key} earlier`)
  const before =
    earlier && standingBucket(earlier.buckets, frame.playhead ?? frame.to, earlier.intervalMs)?.last
  const origin = ORIGIN_WORDS[line.origin]
  return (
    <div className={classes.stat}>
      <SparkArea line={line} frame={frame} />
      <div className={classes.words}>
        {lines.length > 1 ? (
          <bdi className={classes.name}>
            {visibleText(lineNames(lines, schemaOf).short(line)).slice(0, 60)}
          </bdi>
        ) : null}
        <strong className={classes.value} data-bad={(standing && standing.worst !== 'verified') || undefined}>
          {standing === undefined ? '–' : formatReading(standing.last, unit)}
          {standing !== undefined && standing.worst !== 'verified' ? (
            <span title={STANDING_WORDS[standing.worst]}>
              <VerdictIcon standing={standing.worst} size={16} />
            </span>
          ) : null}
        </strong>
        <span className={classes.note}>
          {origin === null ? null : <em>{origin}</em>}
          {figures === null
            ? 'no value here'
            : `${formatReading(figures.min, unit)} to ${formatReading(figures.max, unit)}`}
          {before === undefined ? null : `, earlier ${formatReading(before, unit)}`}
        </span>
      </div>
    </div>
  )
}
