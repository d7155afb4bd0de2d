import { useEffect, useMemo, useRef } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { prepareCanvas } from '../../ui/chart/canvas.ts'
import { useTokens } from '../../ui/use-tokens.ts'
import { histogramOf } from './histogram.ts'
import { paintHistogram } from './histogram-painter.ts'
import classes from './histogram-panel.module.css'
import panel_ from './panel.module.css'
import type { PanelBodyProps } from './panel-body.tsx'
import { PanelNote } from './panel-note.tsx'
import { usePanelFrame, usePanelSource } from './use-panel-frame.ts'

/** How often which value came within the window. */
export function HistogramPanel({ panel, unit, title }: PanelBodyProps) {
  const tokens = useTokens()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const source = usePanelSource(panel, unit)
  const frame = usePanelFrame(source, box)
  const histogram = useMemo(() => (frame === null ? null : histogramOf(frame)), [frame])
  useEffect(() => {
    const element = canvas.current
    if (element === null || histogram === null) return
    const { clientWidth: width, clientHeight: height } = element
    const brush = prepareCanvas(element, width, height)
    if (brush === null || histogram.total === 0) return
    paintHistogram(
      brush,
      { left: 64, top: 10, width: width - 92, height: height - 32 },
      histogram,
      unit,
      tokens,
    )
  }, [histogram, unit, tokens])
  const total = histogram?.total ?? 0
  return (
    <div className={panel_.body} ref={box}>
      <canvas
        ref={canvas}
        className={classes.canvas}
        role="img"
        aria-label={`${title}: how often which value came, ${formatCount(total)} values`}
      />
      <span className={classes.note}>
        {histogram?.isEstimated ? 'estimated from merged messages, ' : ''}
        {total === 0 ? '' : `${formatCount(total)} values`}
      </span>
      <PanelNote panel={panel} note={{ state: source.state(), isEmpty: total === 0, lines: 0 }} />
    </div>
  )
}
