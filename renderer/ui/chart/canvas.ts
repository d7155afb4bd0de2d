/** Screens with more pixels than this are drawn with as many: what more there are cannot be seen, and cost as much again. */
const MAX_DENSITY = 2

/** Device pixels a pixel that is drawn with. */
export function densityOf(): number {
  return Math.min(MAX_DENSITY, devicePixelRatio)
}

/** A distance in whole device pixels, so that what is shifted is as sharp as what is drawn. */
export function wholePixels(px: number): number {
  return Math.round(px * devicePixelRatio) / devicePixelRatio
}

/** Sizes a canvas to its box at the density of the screen and clears it. Null when it cannot be drawn on. */
export function prepareCanvas(
  canvas: HTMLCanvasElement,
  widthPx: number,
  heightPx: number,
): CanvasRenderingContext2D | null {
  const density = densityOf()
  const width = Math.max(1, Math.round(widthPx * density))
  const height = Math.max(1, Math.round(heightPx * density))
  // Setting the size clears the canvas and costs memory, so it is only done when it differs.
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  const context = canvas.getContext('2d')
  context?.setTransform(density, 0, 0, density, 0, 0)
  context?.clearRect(0, 0, widthPx, heightPx)
  return context
}
