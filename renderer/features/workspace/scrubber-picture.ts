import { prepareCanvas } from '../../ui/chart/canvas.ts'
import type { Tokens } from '../../ui/tokens.ts'
import { paintGround, paintOver, SCRUBBER_HEIGHT, type ScrubberScene } from './scrubber-painter.ts'

/** The scrubber on its canvas: history is painted when it changes, and what moves over it when it has moved. */
export interface ScrubberPicture {
  draw(scene: ScrubberScene, tokens: Tokens): void
}

/** An extent that has moved by less than this is drawn where it was. */
const LEAST_MOVE_PX = 0.5
/** Edges are drawn to the half of a pixel. */
const STEPS_PER_PX = 2

export function createScrubberPicture(canvas: HTMLCanvasElement): ScrubberPicture {
  const ground = document.createElement('canvas')
  let painted: ScrubberScene | null = null
  let tokensOf: Tokens | null = null
  let over = ''

  function isSameGround({ extent, buckets, widthPx, zone }: ScrubberScene, tokens: Tokens): boolean {
    if (painted === null || tokensOf !== tokens) return false
    if (painted.buckets !== buckets || painted.widthPx !== widthPx || painted.zone !== zone) return false
    const pxPerMs = widthPx / (extent.to - extent.from)
    const movedPx = (a: number, b: number) => Math.abs(a - b) * pxPerMs
    return (
      movedPx(painted.extent.from, extent.from) < LEAST_MOVE_PX &&
      movedPx(painted.extent.to, extent.to) < LEAST_MOVE_PX
    )
  }

  /** Where what moves stands, to the step it is drawn at. */
  function placesOf({ extent, moment, widthPx, hoverAt, marks }: ScrubberScene): string {
    const stepsPerMs = (widthPx * STEPS_PER_PX) / (extent.to - extent.from)
    const place = (at: number | null | undefined) =>
      at === null || at === undefined ? '' : Math.round((at - extent.from) * stepsPerMs)
    const own = [moment.from, moment.to, moment.playhead, moment.loop?.from, moment.loop?.to, hoverAt]
    const flags = marks.flatMap(({ from, to, severity }) => [place(from), place(to), severity])
    return [...own.map(place), ...flags].join()
  }

  return {
    draw(scene, tokens) {
      const isSame = isSameGround(scene, tokens) && painted !== null
      const shown = isSame ? { ...scene, extent: painted?.extent ?? scene.extent } : scene
      const places = placesOf(shown)
      if (isSame && places === over) return
      if (!isSame) {
        const context = prepareCanvas(ground, scene.widthPx, SCRUBBER_HEIGHT)
        if (context === null) return
        paintGround(context, scene, tokens)
        painted = scene
        tokensOf = tokens
      }
      const context = prepareCanvas(canvas, scene.widthPx, SCRUBBER_HEIGHT)
      if (context === null) return
      context.drawImage(ground, 0, 0, scene.widthPx, SCRUBBER_HEIGHT)
      paintOver(context, shown, tokens)
      over = places
    },
  }
}
