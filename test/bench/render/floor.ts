import type { BrowserContext } from '@playwright/test'
import { countFrames } from './frames.ts'

const PANELS = 20
const COLUMNS = 4

/** Twenty boxes where the twenty panels are, each with a blank canvas as large as its plot with what lies beyond it. */
const PAGE = `<style>
  body { margin: 0; background: #0e1116 }
  div { position: absolute; width: 248px; height: 88px; overflow: hidden; contain: strict; background: #151a21 }
  canvas { display: block; will-change: transform }
</style>
${Array.from({ length: PANELS }, (_, index) => `<div style="left:${150 + (index % COLUMNS) * 338}px;top:${130 + Math.floor(index / COLUMNS) * 135}px"><canvas width="744" height="88"></canvas></div>`).join('')}`

/** Fills and moves each canvas in each frame, and does nothing else. */
const REDRAW = `(() => {
  const canvases = [...document.querySelectorAll('canvas')]
  const contexts = canvases.map((canvas) => canvas.getContext('2d', { alpha: false }))
  let frame = 0
  const step = () => {
    frame += 1
    for (const [index, context] of contexts.entries()) {
      context.fillStyle = frame % 2 === 0 ? '#27303b' : '#1c232c'
      context.fillRect(0, 0, 744, 88)
      canvases[index].style.transform = 'translateX(' + -(frame % 248) + 'px)'
    }
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})()`

/**
 * Time from frame to frame of a page of twenty blank canvases that are filled and moved in each frame: what the browser
 * takes to put them on screen on this machine, before anything is drawn or known.
 */
export async function floorFrames(context: BrowserContext, seconds: number): Promise<number[]> {
  const page = await context.newPage()
  await page.setContent(PAGE)
  await page.evaluate(REDRAW)
  const { times } = await countFrames(page, 'nothing', seconds)
  await page.close()
  return times
}
