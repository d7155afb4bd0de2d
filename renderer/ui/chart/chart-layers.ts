import { seldom } from '../seldom.ts'
import type { Tokens } from '../tokens.ts'
import { densityOf, prepareCanvas, wholePixels } from './canvas.ts'
import type { Cursor } from './cursor.ts'
import { type ChartFrame, drawnData } from './frame.ts'
import type { ChartMoment } from './frame-reader.ts'
import { createGlide } from './glide.ts'
import { hideCutLabels, type LabelCovers } from './label-covers.ts'
import { paintOverlay } from './overlay-painter.ts'
import type { PaintDesk } from './paint-desk.ts'
import { paintStill, plotArea, stillRoom } from './paint-panel.ts'
import type { TimeLabel, TimePlotKind } from './plot.ts'
import { scaleOf } from './settle-frame.ts'
import type { ValueMargin } from './value-margin.ts'
import { shareOf, type ValueScale } from './value-scale.ts'

export interface ChartElements {
  /** Values and names at the left: stands still. */
  still: HTMLCanvasElement
  /** Data, grid, times and lane, wider than the plot: moved along with time, painted anew only when it must be. */
  moving: HTMLCanvasElement
  /** Playhead and crosshair: drawn with every frame that has one. */
  over: HTMLCanvasElement
  /** Lie over times that the edges of the plot would cut. */
  covers: LabelCovers
}

export interface ChartLayersOptions {
  kind: TimePlotKind
  elements: ChartElements
  tokens: Tokens
  desk: PaintDesk
  margin: ValueMargin
  /** A picture has been painted: the next frame shows it. */
  onPainted(): void
}

export interface ChartLayers {
  resize(widthPx: number, heightPx: number): void
  /** Brings what is seen to a frame that was read just now; what needs painting anew is shown when it is there. */
  draw(frame: ChartFrame, cursor: Cursor | null): void
  /** Brings what is seen to another moment of the frame drawn last: that costs a shift. */
  move(frame: ChartFrame, cursor: Cursor | null): void
  /** Whether a moment needs painting anew, and the painter has time for it. */
  isDue(moment: ChartMoment): boolean
  /** Where a value stands, from the top edge of the panel. */
  yOf(value: number): number
  scale(): ValueScale | null
  dispose(): void
}

/** A picture is painted anew before the window meets its edge: of what is beyond the window on both sides, so much. */
const EARLY_SHARE = 0.15

/** What a picture was painted from. */
interface Picture {
  frame: ChartFrame
  scale: ValueScale
  pxPerMs: number
  plotPx: number
}

export function createChartLayers(options: ChartLayersOptions): ChartLayers {
  const { kind, elements, tokens, desk, margin, onPainted } = options
  const surface = elements.moving.getContext('bitmaprenderer', { alpha: false })
  const glide = createGlide(elements.moving)
  let size = { widthPx: 0, heightPx: 0 }
  let isOverDrawn = true
  let shown: Picture | null = null
  let labels: readonly TimeLabel[] = []
  let latest: ChartFrame | null = null
  let sent: Picture | null = null
  let asked: { scale: ValueScale; unit: string | null } | null = null
  /** The room at the left that values and names were painted for. */
  let stillLeftPx = Number.NaN
  /** What was read last, painted or not. */
  let read: Picture | null = null
  /** Version of the data that the painter has. */
  let known: string | null = null

  const area = () => plotArea(size.widthPx, size.heightPx, margin.px.get())

  const seat = desk.take({
    onPainted({ bitmap, labels: told }) {
      const picture = sent
      sent = null
      if (picture === null || bitmap === null || picture.plotPx !== area().width) {
        bitmap?.close()
        onPainted()
        return
      }
      const width = `${widthOf(picture)}px`
      if (elements.moving.style.width !== width) elements.moving.style.width = width
      surface?.transferFromImageBitmap(bitmap as ImageBitmap)
      labels = told
      if (shown === null || isOtherMargin(picture, shown)) paintMargin(picture)
      // Before the first picture there is nothing to be seen, and nothing for the browser to put together.
      if (shown === null) elements.moving.style.visibility = 'visible'
      shown = picture
      onPainted()
    },
    onLost() {
      known = null
      sent = null
      onPainted()
    },
  })

  function paintMargin({ frame, scale }: Picture): void {
    const still = prepareCanvas(elements.still, margin.px.get(), size.heightPx)
    if (still !== null) paintStill(still, kind, frame, scale, area(), tokens)
    stillLeftPx = margin.px.get()
  }

  /** Values that do not fit get room, in all panels; looked at before a picture is made that would be too wide. */
  function askForRoom(frame: ChartFrame, scale: ValueScale): void {
    const isKnown = asked !== null && isSameScale(asked.scale, scale) && asked.unit === frame.unit
    if (isKnown || !hasValues(frame)) return
    asked = { scale, unit: frame.unit }
    margin.need(stillRoom(kind, frame, scale))
  }

  function isOther(next: Picture): boolean {
    const before = shown
    if (before === null) return true
    const { reach } = before.frame
    const early = (reach.to - reach.from - (before.frame.to - before.frame.from)) * EARLY_SHARE
    return (
      next.frame.version !== before.frame.version ||
      next.frame.zone !== before.frame.zone ||
      next.frame.unit !== before.frame.unit ||
      Math.abs(next.pxPerMs / before.pxPerMs - 1) > 1e-6 ||
      next.frame.from < reach.from + early ||
      next.frame.to > reach.to - early ||
      !isSameScale(next.scale, before.scale)
    )
  }

  function send(next: Picture): void {
    const { frame, scale } = next
    const data = known === frame.version ? null : drawnData(frame)
    known = frame.version
    sent = next
    const widthPx = widthOf(next)
    seat.paint({
      kind,
      widthPx,
      heightPx: size.heightPx,
      density: densityOf(),
      area: { ...area(), left: 0, width: widthPx },
      from: frame.reach.from,
      // To the pixel: a picture that is stretched over its box is no longer sharp.
      to: frame.reach.from + widthPx / next.pxPerMs,
      scale,
      zone: frame.zone,
      tokens,
      data,
    })
  }

  /** Puts what is painted where it belongs in the window; stretched for a moment when that has another zoom. */
  function place(frame: ChartFrame, pxPerMs: number): void {
    if (shown === null) return
    const stretch = pxPerMs / shown.pxPerMs
    const left = (shown.frame.reach.from - frame.from) * pxPerMs
    const isStretched = Math.abs(stretch - 1) > 1e-9
    glide.moveTo(isStretched ? left : wholePixels(left))
    glide.stretchTo(isStretched ? stretch : 1)
    latest = frame
    hideCut()
  }

  /** While time moves fast, words that are cut for a moment are left: looking for them would cost each frame. */
  const hideCut = seldom(() => {
    if (latest !== null) hideCutLabels(elements.covers, labels, latest, area().width)
  })

  function drawOver(frame: ChartFrame, cursor: Cursor | null): void {
    // Nothing lies over the data most of the time: then nothing is cleared, drawn or put together.
    const hasOver = cursor !== null || frame.playhead !== null || frame.marked !== null
    if (!hasOver && !isOverDrawn) return
    if (hasOver !== isOverDrawn) elements.over.style.visibility = hasOver ? 'visible' : 'hidden'
    isOverDrawn = hasOver
    const byHeight = kind === 'line' || kind === 'area' ? layers.yOf : null
    const over = prepareCanvas(elements.over, size.widthPx, size.heightPx)
    if (over !== null && shown !== null) paintOverlay(over, frame, cursor, area(), byHeight, tokens)
  }

  const layers: ChartLayers = {
    resize(widthPx, heightPx) {
      size = { widthPx, heightPx }
      shown = null
      read = null
      isOverDrawn = true
    },
    draw(frame, cursor) {
      const scale = scaleOf(frame, (sent ?? shown)?.scale ?? null, area().height)
      askForRoom(frame, scale)
      const plot = area()
      if (shown !== null && stillLeftPx !== plot.left) paintMargin(shown)
      const pxPerMs = plot.width / (frame.to - frame.from)
      read = { frame, scale, pxPerMs, plotPx: plot.width }
      // While one is under way nothing is owed: its arrival asks for the next frame.
      if (!seat.isBusy() && isOther(read)) send(read)
      place(frame, pxPerMs)
      drawOver(frame, cursor)
    },
    move(frame, cursor) {
      place(frame, area().width / (frame.to - frame.from))
      drawOver(frame, cursor)
    },
    isDue({ from, to }) {
      if (read === null || seat.isBusy()) return false
      const pxPerMs = area().width / (to - from)
      return isOther({ ...read, pxPerMs, frame: { ...read.frame, from, to } })
    },
    yOf(value) {
      const plot = area()
      if (shown === null) return plot.top + plot.height
      return plot.top + (1 - shareOf(shown.scale, value)) * plot.height
    },
    scale: () => shown?.scale ?? null,
    dispose() {
      hideCut.cancel()
      glide.dispose()
      seat.leave()
    },
  }
  return layers
}

/** Of the picture: the window and what is drawn beyond it, to a pixel, so that it stays the same while time moves. */
function widthOf({ frame: { reach }, pxPerMs }: Picture): number {
  return Math.round((reach.to - reach.from) * pxPerMs)
}

function isSameScale(a: ValueScale, b: ValueScale): boolean {
  return a.min === b.min && a.max === b.max && a.step === b.step
}

/** Whether what stands at the left of the plot differs. */
function isOtherMargin(a: Picture, b: Picture): boolean {
  return (
    a.plotPx !== b.plotPx ||
    a.frame.unit !== b.frame.unit ||
    !isSameScale(a.scale, b.scale) ||
    a.frame.rowNames.join('\n') !== b.frame.rowNames.join('\n') ||
    hasValues(a.frame) !== hasValues(b.frame)
  )
}

function hasValues(frame: ChartFrame): boolean {
  return frame.lines.some(({ buckets }) => buckets.length > 0)
}
