import type { Brush } from './brush.ts'
import { escapeText } from './xml-text.ts'

interface State {
  fillStyle: string
  strokeStyle: string
  globalAlpha: number
  lineWidth: number
  dash: number[]
  font: string
  textAlign: string
  textBaseline: string
  clip: string | null
}

const ANCHORS: Record<string, string> = { left: 'start', center: 'middle', right: 'end' }
const BASELINES: Record<string, string> = { middle: 'central', top: 'hanging', alphabetic: 'auto' }

/** A tenth of a pixel is more than any printer shows. */
function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}

export interface SvgBrush extends Brush {
  /** The whole picture as an SVG document. */
  toText(): string
}

/** Draws what painters draw as vectors: every text is text, and nothing in it can be code. */
export function createSvgBrush(widthPx: number, heightPx: number, ground: string): SvgBrush {
  const elements: string[] = []
  const clips: string[] = []
  const stack: State[] = []
  let dash: number[] = []
  let clipId: string | null = null
  let path: string[] = []

  function stroked(): string {
    const dashes = dash.length === 0 ? '' : ` stroke-dasharray="${dash.map(px).join(' ')}"`
    return `stroke="${escapeText(String(brush.strokeStyle))}" stroke-width="${px(brush.lineWidth)}" stroke-linejoin="${brush.lineJoin}"${dashes}`
  }
  function add(element: string): void {
    const alpha = brush.globalAlpha === 1 ? '' : ` opacity="${Math.round(brush.globalAlpha * 100) / 100}"`
    const clip = clipId === null ? '' : ` clip-path="url(#${clipId})"`
    elements.push(element.replace('>', `${alpha}${clip}>`))
  }
  const rectPath = (x: number, y: number, w: number, h: number) =>
    `M${px(x)} ${px(y)}h${px(w)}v${px(h)}h${px(-w)}Z`

  const brush: SvgBrush = {
    fillStyle: '#000',
    strokeStyle: '#000',
    globalAlpha: 1,
    lineWidth: 1,
    lineJoin: 'miter',
    font: '11px sans-serif',
    textAlign: 'left',
    textBaseline: 'alphabetic',
    save() {
      const { fillStyle, strokeStyle, globalAlpha, lineWidth, font, textAlign, textBaseline } = brush
      const styles = { fillStyle: String(fillStyle), strokeStyle: String(strokeStyle) }
      stack.push({ ...styles, globalAlpha, lineWidth, font, textAlign, textBaseline, dash, clip: clipId })
    },
    restore() {
      const state = stack.pop()
      if (state === undefined) return
      const { dash: dashes, clip, ...styles } = state
      Object.assign(brush, styles)
      dash = dashes
      clipId = clip
    },
    beginPath() {
      path = []
    },
    closePath() {
      path.push('Z')
    },
    moveTo(x, y) {
      path.push(`M${px(x)} ${px(y)}`)
    },
    lineTo(x, y) {
      path.push(`${path.length === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`)
    },
    rect(x, y, w, h) {
      path.push(rectPath(x, y, w, h))
    },
    arc(x, y, radius, start, end) {
      const at = (angle: number) => `${px(x + Math.cos(angle) * radius)} ${px(y + Math.sin(angle) * radius)}`
      const isWhole = Math.abs(end - start) >= Math.PI * 2 - 1e-6
      const middle = start + (end - start) / 2
      const r = px(radius)
      // In two halves: an arc to where it began would be nothing.
      path.push(`M${at(start)}A${r} ${r} 0 0 1 ${at(middle)}A${r} ${r} 0 0 1 ${at(end)}${isWhole ? 'Z' : ''}`)
    },
    clip() {
      const id = `clip${clips.length}`
      clips.push(`<clipPath id="${id}"><path d="${path.join('')}"/></clipPath>`)
      clipId = id
    },
    fill() {
      if (path.length > 0)
        add(`<path d="${path.join('')}" fill="${escapeText(String(brush.fillStyle))}"></path>`)
    },
    stroke() {
      if (path.length > 0) add(`<path d="${path.join('')}" fill="none" ${stroked()}></path>`)
    },
    fillRect(x, y, w, h) {
      add(`<path d="${rectPath(x, y, w, h)}" fill="${escapeText(String(brush.fillStyle))}"></path>`)
    },
    strokeRect(x, y, w, h) {
      add(`<path d="${rectPath(x, y, w, h)}" fill="none" ${stroked()}></path>`)
    },
    fillText(text, x, y) {
      const size = /(\d+(?:\.\d+)?)px/.exec(brush.font)?.[1] ?? '11'
      const weight = /^(\d{3})\s/.exec(brush.font)?.[1] ?? '400'
      add(
        `<text x="${px(x)}" y="${px(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${ANCHORS[brush.textAlign] ?? 'start'}" dominant-baseline="${BASELINES[brush.textBaseline] ?? 'auto'}" fill="${escapeText(String(brush.fillStyle))}">${escapeText(text)}</text>`,
      )
    },
    setLineDash(segments) {
      dash = [...segments]
    },
    toText() {
      const [w, h] = [px(widthPx), px(heightPx)]
      return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="Inter, system-ui, sans-serif"><defs>${clips.join('')}</defs><path d="${rectPath(0, 0, widthPx, heightPx)}" fill="${escapeText(ground)}"/>${elements.join('')}</svg>\n`
    },
  }
  return brush
}
