import { notifications } from '@mantine/notifications'
import type { TimeZone } from '../../../shared/format/time.ts'
import { formatTimestamp } from '../../../shared/format/time.ts'
import type { Panel } from '../../../shared/layout.ts'
import type { HistoryHub } from '../../api/history-hub.ts'
import { type Brush, LABEL_FONT } from '../../ui/chart/brush.ts'
import { type ChartFrame, PLOT } from '../../ui/chart/frame.ts'
import { paintWhole, plotArea, stillRoom } from '../../ui/chart/paint-panel.ts'
import { scaleOf } from '../../ui/chart/settle-frame.ts'
import { createSvgBrush } from '../../ui/chart/svg-brush.ts'
import { downloadBlob } from '../../ui/download.ts'
import { createExternalStore, type ExternalStore } from '../../ui/external-store.ts'
import { visibleText } from '../../ui/plain-text.tsx'
import type { Tokens } from '../../ui/tokens.ts'
import { currentTokens } from '../../ui/use-tokens.ts'
import type { AlertsByPart } from './chart-alerts.ts'
import { paintGauge } from './gauge-painter.ts'
import { dialsOf } from './gauge-panel.tsx'
import { histogramOf } from './histogram.ts'
import { paintHistogram } from './histogram-painter.ts'
import { ORIGIN_WORDS } from './legend.tsx'
import { lineNames, type SchemaOf } from './line-names.ts'
import { createPanelSource } from './panel-source.ts'
import type { TransportHandle } from './use-transport.ts'

export type PictureKind = 'png' | 'svg'

export interface PictureOptions {
  panel: Panel
  unit: string | null
  kind: PictureKind
  hub: HistoryHub
  handle: TransportHandle
  compareMs: ExternalStore<number | null>
  alerts: ExternalStore<AlertsByPart>
  schemaOf: SchemaOf
}

const WIDTH_PX = 1_000
const HEIGHT_PX = 460
const HEAD_PX = 46
/** Below the lane, so that it does not stand on the edge of the picture. */
const FOOT_PX = 12
/** Pictures for print have twice the pixels of the screen. */
const PNG_SCALE = 2
/** What is not in memory yet is waited for so long, ms; then the picture shows what there is. */
const WAIT_MS = 4_000
const LOOK_EVERY_MS = 60
const MAX_LEGEND = 8

interface Picture {
  panel: Panel
  unit: string | null
  frame: ChartFrame
  schemaOf: SchemaOf
}

function paintHead(brush: Brush, { panel, frame, schemaOf }: Picture, tokens: Tokens): void {
  brush.textBaseline = 'alphabetic'
  brush.textAlign = 'left'
  brush.fillStyle = tokens.text
  brush.font = "600 14px 'Inter Variable', system-ui, sans-serif"
  brush.fillText(visibleText(panel.title).slice(0, 90), 16, 22)
  brush.font = LABEL_FONT
  brush.fillStyle = tokens.muted
  brush.textAlign = 'right'
  brush.fillText(spanInWords(frame, frame.zone), WIDTH_PX - 16, 22)
  brush.textAlign = 'left'
  const names = lineNames(frame.lines, schemaOf)
  let x = 16
  for (const line of frame.lines.slice(0, MAX_LEGEND)) {
    const origin = ORIGIN_WORDS[line.origin]
    const words = `${visibleText(names.short(line)).slice(0, 28)}${origin === null ? '' : ` (${origin})`}`
    brush.fillStyle = tokens.series[line.colour] ?? tokens.text
    brush.fillRect(x, 36, 10, 3)
    brush.fillStyle = tokens.muted
    brush.fillText(words, x + 15, 41)
    x += 30 + words.length * 6.3
    if (x > WIDTH_PX - 120) break
  }
}

function spanInWords(frame: ChartFrame, zone: TimeZone): string {
  return `${formatTimestamp(frame.from, zone)} to ${formatTimestamp(frame.to, zone)}`
}

function paintPicture(brush: Brush, picture: Picture, tokens: Tokens): void {
  const { panel, unit, frame } = picture
  paintHead(brush, picture, tokens)
  const areaOf = (leftPx: number) => {
    const plot = plotArea(WIDTH_PX, HEIGHT_PX - HEAD_PX - FOOT_PX, leftPx)
    return { ...plot, top: plot.top + HEAD_PX }
  }
  const area = areaOf(PLOT.left)
  switch (panel.kind) {
    case 'histogram':
      paintHistogram(brush, { ...area, height: area.height - 4 }, histogramOf(frame), unit, tokens)
      return
    case 'gauge': {
      const dials = dialsOf(frame, unit, tokens)
      const width = area.width / Math.max(1, dials.length)
      for (const [index, dial] of dials.entries()) {
        paintGauge(brush, { ...dial, area: { ...area, left: area.left + index * width, width } }, tokens)
      }
      return
    }
    case 'line':
    case 'area':
    case 'states':
    case 'heatmap': {
      const scale = scaleOf(frame, null, area.height)
      const room = Math.max(PLOT.left, stillRoom(panel.kind, frame, scale))
      paintWhole(brush, panel.kind, frame, scale, areaOf(room), tokens)
    }
  }
}

/** The frame of a panel once everything in it has been read, or what there is after a while. */
async function readFrame(options: PictureOptions): Promise<ChartFrame> {
  const { panel, unit, handle, hub, compareMs, alerts } = options
  const source = createPanelSource({
    panel,
    unit,
    handle,
    hub,
    compareMs,
    alerts,
    marked: createExternalStore<number | null>(null),
  })
  try {
    const started = performance.now()
    for (;;) {
      const frame = source.frame(WIDTH_PX)
      if (source.state().complete || performance.now() - started > WAIT_MS) return frame
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  } finally {
    source.dispose()
  }
}

function fileName(panel: Panel, kind: PictureKind): string {
  const plain = panel.title
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return `${plain === '' ? 'panel' : plain}.${kind}`
}

async function toPng(picture: Picture, tokens: Tokens): Promise<Blob> {
  const canvas = new OffscreenCanvas(WIDTH_PX * PNG_SCALE, HEIGHT_PX * PNG_SCALE)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('this browser gives no canvas')
  context.scale(PNG_SCALE, PNG_SCALE)
  context.fillStyle = tokens.panel
  context.fillRect(0, 0, WIDTH_PX, HEIGHT_PX)
  paintPicture(context as unknown as Brush, picture, tokens)
  return canvas.convertToBlob({ type: 'image/png' })
}

/** Saves what a panel shows as a picture, with its title, its span of time and its names. */
export async function savePicture(options: PictureOptions): Promise<void> {
  const { panel, unit, kind, schemaOf } = options
  try {
    const tokens = currentTokens()
    const picture = { panel, unit, frame: await readFrame(options), schemaOf }
    if (kind === 'png') {
      downloadBlob(fileName(panel, kind), await toPng(picture, tokens))
      return
    }
    const brush = createSvgBrush(WIDTH_PX, HEIGHT_PX, tokens.panel)
    paintPicture(brush, picture, tokens)
    downloadBlob(fileName(panel, kind), new Blob([brush.toText()], { type: 'image/svg+xml' }))
  } catch (error) {
    notifications.show({
      color: 'danger',
      title: 'The picture was not saved',
      message: `${error instanceof Error ? error.message : 'It could not be drawn'}. Try a smaller panel or another browser.`,
    })
  }
}
