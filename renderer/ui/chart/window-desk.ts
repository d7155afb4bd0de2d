import { createPaintDesk, type PaintDesk, type PaintThread, type PaintThreadEvents } from './paint-desk.ts'
import type { PaintedPicture } from './paint-job.ts'
import { createPainter } from './painter.ts'

/** Paints in the page itself: slower for hands, the same for eyes. */
function pageThread({ onPainted }: PaintThreadEvents): PaintThread {
  const painter = createPainter()
  return {
    send(request) {
      // Later, as a thread would: whoever sends a job does not expect its answer while sending.
      queueMicrotask(() => {
        const picture = painter.handle(request)
        if (picture !== null) onPainted(picture)
      })
    },
  }
}

/** A worker; where none can be had, or it ends, the page paints itself. */
function startThread(events: PaintThreadEvents): PaintThread {
  const worker = new Worker(new URL('./paint-worker.ts', import.meta.url), { type: 'module' })
  let fallback: PaintThread | null = null
  worker.onmessage = ({ data }: MessageEvent<PaintedPicture>) => events.onPainted(data)
  worker.onerror = () => {
    worker.terminate()
    if (fallback !== null) return
    fallback = pageThread(events)
    events.onLost()
  }
  return {
    send(request, given) {
      if (fallback === null) worker.postMessage(request, given)
      else fallback.send(request, given)
    },
  }
}

/** The desk of this window. */
export const desk: PaintDesk = createPaintDesk(startThread)
