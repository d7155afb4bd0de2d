import type { ChartBucket } from '../../../shared/chart.ts'
import type { Brush } from './brush.ts'
import type { DrawnData } from './frame.ts'
import { unpackBuckets } from './packed-line.ts'
import type { PackedData, PaintedPicture, PainterRequest, PaintJob } from './paint-job.ts'
import { paintMoving } from './paint-panel.ts'
import { createPieceLedger } from './piece-ledger.ts'
import { createPixelLayer, type LayerTarget } from './pixel-layer.ts'

/** Paints the pictures of all panels of a page, one after the other, on a canvas that nobody sees. */
export interface Painter {
  /** The picture, or null where there is nothing to answer. */
  handle(request: PainterRequest): PaintedPicture | null
}

const NOTHING: DrawnData = { lines: [], states: [], lane: [], alerts: [] }

export function createPainter(): Painter {
  /** Of each panel the data painted last: a zoom paints it again without it being sent again. */
  const known = new Map<number, DrawnData>()
  /** What lines are made of, as long as a panel draws it. */
  const pieces = new Map<number, ChartBucket[]>()
  const ledger = createPieceLedger()
  const canvas = new OffscreenCanvas(1, 1)
  // Nothing lies behind a picture: one that cannot be seen through costs the least to put on screen.
  const context = canvas.getContext('2d', { alpha: false })
  const layer = createPixelLayer()
  const target = context === null ? null : layerTarget(context)

  function need(seat: number, ids: ReadonlySet<number>): void {
    for (const id of ledger.need(seat, ids)) pieces.delete(id)
  }

  function unpack(seat: number, { lines, ...rest }: PackedData): DrawnData {
    const ids = new Set<number>()
    for (const line of lines) {
      for (const { id, figures } of line.pieces) {
        ids.add(id)
        if (figures !== null) pieces.set(id, unpackBuckets(figures))
      }
    }
    need(seat, ids)
    return {
      lines: lines.map((line) => ({
        ...line,
        buckets: line.pieces.flatMap(({ id }) => pieces.get(id) ?? []),
        pieces: [],
      })),
      ...rest,
    }
  }

  function paint(job: PaintJob): PaintedPicture {
    const { seat, density, tokens, from, to } = job
    if (job.data !== null) known.set(seat, unpack(seat, job.data))
    const data = known.get(seat) ?? NOTHING
    if (context === null || target === null) return { seat, bitmap: null, labels: [] }
    const width = Math.max(1, Math.round(job.widthPx * density))
    const height = Math.max(1, Math.round(job.heightPx * density))
    if (canvas.width !== width) canvas.width = width
    if (canvas.height !== height) canvas.height = height
    context.setTransform(density, 0, 0, density, 0, 0)
    context.fillStyle = tokens.panel
    context.fillRect(0, 0, job.widthPx, job.heightPx)
    const axis = { from, to, left: 0, pxPerMs: job.widthPx / (to - from) }
    layer.prepare(width, height, density, target)
    const scene = { kind: job.kind, data, scale: job.scale, pixel: 1 / density, layer }
    const labels = paintMoving(context as unknown as Brush, scene, job.area, axis, job.zone, tokens)
    return { seat, bitmap: canvas.transferToImageBitmap(), labels }
  }

  return {
    handle(request) {
      if (request.kind === 'paint') return paint(request.job)
      known.delete(request.seat)
      need(request.seat, new Set())
      return null
    },
  }
}

/** Lays pixels on a canvas as they are, within what it is clipped to. */
function layerTarget(context: OffscreenCanvasRenderingContext2D): LayerTarget | null {
  const canvas = new OffscreenCanvas(1, 1)
  const own = canvas.getContext('2d')
  if (own === null) return null
  return {
    put(pixels, width, height) {
      if (canvas.width !== width) canvas.width = width
      if (canvas.height !== height) canvas.height = height
      own.putImageData(new ImageData(pixels, width, height), 0, 0)
      context.save()
      context.resetTransform()
      context.globalAlpha = 1
      context.drawImage(canvas, 0, 0)
      context.restore()
    },
  }
}
