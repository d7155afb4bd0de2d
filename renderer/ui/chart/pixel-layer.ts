/** What a layer is put on. */
export interface LayerTarget {
  /** @param pixels Straight RGBA, row by row; the layer's own memory, to be copied at once. */
  put(pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number): void
}

/**
 * Upright boxes of whole device pixels, put together in memory and laid on a picture in one piece: a dense line is
 * thousands of them, and a canvas takes longer over each than it takes to write its pixels.
 */
export interface PixelLayer {
  fillStyle: string
  globalAlpha: number
  /** As of a canvas; edges are put on whole device pixels. */
  fillRect(x: number, y: number, width: number, height: number): void
  /** Empties it, for a picture of a size. */
  prepare(width: number, height: number, density: number, target: LayerTarget): void
  /** Lays what there is on the picture, before something else is drawn over it. */
  flush(): void
}

const HEX_COLOUR = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i
const OPAQUE = 255

export function createPixelLayer(): PixelLayer {
  let size = { width: 0, height: 0, density: 1 }
  let target: LayerTarget | null = null
  let bytes = new Uint8ClampedArray(0)
  /** The same memory pixel by pixel: every machine that runs a browser has the least byte first. */
  let words = new Uint32Array(bytes.buffer)
  let isEmpty = true
  let colour = { style: '', red: 0, green: 0, blue: 0 }

  function read(style: string): void {
    if (style === colour.style) return
    const [, red = '0', green = '0', blue = '0'] = HEX_COLOUR.exec(style) ?? []
    colour = {
      style,
      red: Number.parseInt(red, 16),
      green: Number.parseInt(green, 16),
      blue: Number.parseInt(blue, 16),
    }
  }

  /** Lays the colour over a pixel that has one already. */
  function blend(at: number, alpha: number): void {
    const over = alpha / OPAQUE
    const under = ((bytes[at + 3] ?? 0) / OPAQUE) * (1 - over)
    const whole = over + under
    bytes[at] = (colour.red * over + (bytes[at] ?? 0) * under) / whole
    bytes[at + 1] = (colour.green * over + (bytes[at + 1] ?? 0) * under) / whole
    bytes[at + 2] = (colour.blue * over + (bytes[at + 2] ?? 0) * under) / whole
    bytes[at + 3] = whole * OPAQUE
  }

  const layer: PixelLayer = {
    fillStyle: '#000000',
    globalAlpha: 1,
    fillRect(x, y, width, height) {
      read(layer.fillStyle)
      const alpha = Math.round(layer.globalAlpha * OPAQUE)
      const left = Math.max(0, Math.round(x * size.density))
      const right = Math.min(size.width, Math.round((x + width) * size.density))
      const top = Math.max(0, Math.round(y * size.density))
      const bottom = Math.min(size.height, Math.round((y + height) * size.density))
      if (left >= right || top >= bottom || alpha === 0) return
      isEmpty = false
      const word = ((alpha << 24) | (colour.blue << 16) | (colour.green << 8) | colour.red) >>> 0
      for (let column = left; column < right; column += 1) {
        const end = bottom * size.width + column
        for (let at = top * size.width + column; at < end; at += size.width) {
          if (alpha === OPAQUE || words[at] === 0) words[at] = word
          else blend(at * 4, alpha)
        }
      }
    },
    prepare(width, height, density, on) {
      const length = width * height * 4
      if (bytes.length !== length) {
        bytes = new Uint8ClampedArray(length)
        words = new Uint32Array(bytes.buffer)
      } else if (!isEmpty) words.fill(0)
      isEmpty = true
      size = { width, height, density }
      target = on
    },
    flush() {
      if (isEmpty) return
      target?.put(bytes, size.width, size.height)
      words.fill(0)
      isEmpty = true
    },
  }
  return layer
}
