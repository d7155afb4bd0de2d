import type { Brush } from './brush.ts'
import type { DrawnData } from './frame.ts'
import { unpackLine } from './packed-line.ts'
import type { PackedData, PaintedPicture, PainterRequest, PaintJob } from './paint-job.ts'
import { paintMoving } from './paint-panel.ts'

/** Paints the pictures of all panels of a page, one after the other, on a canvas that nobody sees. */
export interface Painter {
  /** The picture, or null where there is nothing to answer. */
  handle(request: PainterRequest): PaintedPicture | null
}

const NOTHING: DrawnData = { lines: [], states: [], lane: [], alerts: [] }

function unpack({ lines, ...rest }: PackedData): DrawnData {
  return { lines: lines.map(unpackLine), ...rest }
}

export function createPainter(): Painter {
  /** Of each panel the data painted last: a zoom paints it again without it being sent again. */
  const known = new Map<number, DrawnData>()
  const canvas = new OffscreenCanvas(1, 1)
  // Nothing lies behind a picture: one that cannot be seen through costs the least to put on screen.
  const context = canvas.getContext('2d', { alpha: false })

  function paint(job: PaintJob): PaintedPicture {
    const { seat, density, tokens, from, to } = job
    if (job.data !== null) known.set(seat, unpack(job.data))
    const data = known.get(seat) ?? NOTHING
    if (context === null) return { seat, bitmap: null, labels: [] }
    const width = Math.max(1, Math.round(job.widthPx * density))
    const height = Math.max(1, Math.round(job.heightPx * density))
    if (canvas.width !== width) canvas.width = width
    if (canvas.height !== height) canvas.height = height
    context.setTransform(density, 0, 0, density, 0, 0)
    context.fillStyle = tokens.panel
    context.fillRect(0, 0, job.widthPx, job.heightPx)
    const axis = { from, to, left: 0, pxPerMs: job.widthPx / (to - from) }
    const scene = { kind: job.kind, data, scale: job.scale, pixel: 1 / density }
    const labels = paintMoving(context as unknown as Brush, scene, job.area, axis, job.zone, tokens)
    return { seat, bitmap: canvas.transferToImageBitmap(), labels }
  }

  return {
    handle(request) {
      if (request.kind === 'paint') return paint(request.job)
      known.delete(request.seat)
      return null
    },
  }
}
