import { useEffect, useRef } from 'react'
import { prepareCanvas } from '../../ui/chart/canvas.ts'
import type { ChartFrame } from '../../ui/chart/frame.ts'
import { formatValue } from '../../ui/chart/unit-format.ts'
import { valueScale } from '../../ui/chart/value-scale.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import type { Tokens } from '../../ui/tokens.ts'
import { useTokens } from '../../ui/use-tokens.ts'
import type { GaugeScene } from './gauge-painter.ts'
import { paintGauge } from './gauge-painter.ts'
import classes from './gauge-panel.module.css'
import { figuresOf } from './line-figures.ts'
import { lineNames } from './line-names.ts'
import panel_ from './panel.module.css'
import type { PanelBodyProps } from './panel-body.tsx'
import { PanelNote } from './panel-note.tsx'
import { usePanelFrame, usePanelSource } from './use-panel-frame.ts'
import { useWorkspace } from './workspace-context.ts'

/** More dials than this are not read at a glance. */
export const MAX_DIALS = 6

export type Dial = Omit<GaugeScene, 'area'> & { key: string }

/** The dials of a frame; their ends are those set by hand, else 0 to 100 for shares, else round ends of what is seen. */
export function dialsOf(frame: ChartFrame, unit: string | null, tokens: Tokens): Dial[] {
  const lines = frame.lines.filter((line) => line.shiftMs === 0).slice(0, MAX_DIALS)
  return lines.map((line): Dial => {
    const figures = figuresOf(line, frame)
    const scale =
      unit === '%' ? { min: 0, max: 100 } : valueScale(Math.min(0, figures?.min ?? 0), figures?.max ?? 1, 3)
    const seen = figures === null ? null : { min: figures.min, max: figures.max }
    return {
      key: line.key,
      value: figures?.last ?? null,
      min: frame.bounds.min ?? scale.min,
      max: frame.bounds.max ?? scale.max,
      seen,
      colour: tokens.series[line.colour] ?? tokens.text,
      unit,
      estimated: line.origin === 'estimated',
    }
  })
}

/** Values between their ends. */
export function GaugePanel({ panel, unit }: PanelBodyProps) {
  const { schemaOf } = useWorkspace()
  const tokens = useTokens()
  const box = useRef<HTMLDivElement>(null)
  const source = usePanelSource(panel, unit)
  const frame = usePanelFrame(source, box)
  const lines = (frame?.lines ?? []).filter((line) => line.shiftMs === 0)
  const names = lineNames(lines, schemaOf)
  const dials = frame === null ? [] : dialsOf(frame, unit, tokens)
  return (
    <div className={panel_.body} ref={box}>
      <div className={classes.dials}>
        {dials.map((dial, index) => {
          const line = lines[index]
          const name = line === undefined ? '' : visibleText(names.short(line)).slice(0, 60)
          const value = dial.value === null ? 'no value' : formatValue(dial.value, unit)
          return (
            <figure key={dial.key} className={classes.dial} aria-label={`${name}: ${value}`}>
              <DialCanvas dial={dial} tokens={tokens} />
              {lines.length > 1 ? (
                <figcaption>
                  <bdi>{name}</bdi>
                </figcaption>
              ) : null}
            </figure>
          )
        })}
      </div>
      <PanelNote panel={panel} note={{ state: source.state(), isEmpty: dials.length === 0, lines: 0 }} />
    </div>
  )
}

function DialCanvas({ dial, tokens }: { dial: Dial; tokens: Tokens }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const { clientWidth: width, clientHeight: height } = element
    const brush = prepareCanvas(element, width, height)
    if (brush !== null) paintGauge(brush, { ...dial, area: { left: 0, top: 0, width, height } }, tokens)
  }, [dial, tokens])
  return <canvas ref={canvas} className={classes.canvas} aria-hidden />
}
