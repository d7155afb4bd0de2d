/** The thread that paints the pictures of all panels, so that the page stays free for hands and keys. */
import interUrl from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url'
import type { PainterRequest } from './paint-job.ts'
import { createPainter } from './painter.ts'

/** What of the scope of a worker is used here; the compiler knows this file as a part of the page. */
interface WorkerScope {
  fonts: FontFaceSet
  postMessage(message: unknown, transfer: Transferable[]): void
  onmessage: ((event: MessageEvent<PainterRequest>) => void) | null
}

const scope = self as unknown as WorkerScope
const painter = createPainter()

/** The page's own type: a worker has none of the fonts of its page. Without it the system's does. */
async function loadType(): Promise<void> {
  const face = new FontFace('Inter Variable', `url(${interUrl})`, { weight: '100 900' })
  scope.fonts.add(face)
  await face.load().catch(() => undefined)
}

const isReady = loadType()

scope.onmessage = ({ data }) => {
  void isReady.then(() => {
    const painted = painter.handle(data)
    if (painted !== null)
      scope.postMessage(painted, painted.bitmap === null ? [] : [painted.bitmap as ImageBitmap])
  })
}
