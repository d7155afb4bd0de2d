import { useEffect, useRef } from 'react'
import { prepareCanvas } from '../../ui/chart/canvas.ts'
import type { ChartFrame, ChartLine } from '../../ui/chart/frame.ts'
import { paintLines } from '../../ui/chart/lines-painter.ts'
import { extentOf } from '../../ui/chart/settle-frame.ts'
import { valueScale } from '../../ui/chart/value-scale.ts'
import { useTokens } from '../../ui/use-tokens.ts'
import classes from './stat-panel.module.css'

/** The course of a value over the window, without axes. */
export function SparkArea({ line, frame }: { line: ChartLine; frame: ChartFrame }) {
  const tokens = useTokens()
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (element === null) return
    const { clientWidth: width, clientHeight: height } = element
    const brush = prepareCanvas(element, width, height)
    if (brush === null || width === 0 || height < 12) return
    const { from, to } = frame
    const { low, high } = extentOf({ lines: [line], from, to })
    const axis = { from, to, left: 0, pxPerMs: width / (to - from) }
    const area = { left: 0, top: 4, width, height: height - 5 }
    paintLines(
      brush,
      { lines: [line], axis, area, scale: valueScale(low, high, 2), filled: true, pixel: null },
      tokens,
    )
  }, [line, frame, tokens])
  return <canvas ref={canvas} className={classes.spark} aria-hidden />
}
