import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPixelLayer } from '../../../renderer/ui/chart/pixel-layer.ts'

const [WIDTH, HEIGHT] = [12, 9]
const box = fc.record({
  x: fc.integer({ min: -3, max: WIDTH }),
  y: fc.integer({ min: -3, max: HEIGHT }),
  width: fc.integer({ min: 0, max: 6 }),
  height: fc.integer({ min: 0, max: 12 }),
  colour: fc.constantFrom('#ff0000', '#00ff80', '#123456', '#FFFFFF'),
  alpha: fc.constantFrom(1, 0.42, 0.22, 0.13),
  isFlushed: fc.boolean(),
})
type Box = typeof box extends fc.Arbitrary<infer B> ? B : never

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}

/** Each box drawn over what is there, in numbers that are not rounded. */
function drawnOneByOne(boxes: readonly Box[], ground: number[]): number[][] {
  const pixels = Array.from({ length: WIDTH * HEIGHT }, () => ground)
  for (const { x, y, width, height, colour, alpha } of boxes) {
    for (let row = Math.max(0, y); row < Math.min(HEIGHT, y + height); row += 1) {
      for (let column = Math.max(0, x); column < Math.min(WIDTH, x + width); column += 1) {
        const at = row * WIDTH + column
        pixels[at] = channels(colour).map(
          (value, index) => value * alpha + (pixels[at]?.[index] ?? 0) * (1 - alpha),
        )
      }
    }
  }
  return pixels
}

describe('boxes put together in memory', () => {
  it('look as if each was drawn on the picture by itself, wherever it is laid down in between', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 12 }), fc.constantFrom(1, 2), (boxes, density) => {
        const ground = [21, 26, 33]
        const picture = Array.from({ length: WIDTH * HEIGHT }, () => ground)
        const layer = createPixelLayer()
        layer.prepare(WIDTH, HEIGHT, density, {
          put(pixels, width, height) {
            expect([width, height, pixels.length]).toEqual([WIDTH, HEIGHT, WIDTH * HEIGHT * 4])
            for (const [at, below] of picture.entries()) {
              const alpha = (pixels[at * 4 + 3] ?? 0) / 255
              picture[at] = below.map(
                (value, index) => (pixels[at * 4 + index] ?? 0) * alpha + value * (1 - alpha),
              )
            }
          },
        })
        for (const { x, y, width, height, colour, alpha, isFlushed } of boxes) {
          layer.fillStyle = colour
          layer.globalAlpha = alpha
          layer.fillRect(x / density, y / density, width / density, height / density)
          if (isFlushed) layer.flush()
        }
        layer.flush()
        const expected = drawnOneByOne(boxes, ground)
        const apart = picture.flatMap((pixel, at) =>
          pixel.map((value, index) => Math.abs(value - (expected[at]?.[index] ?? Number.NaN))),
        )
        expect(Math.max(...apart)).toBeLessThanOrEqual(3)
      }),
      { numRuns: 60 },
    )
  })

  it('are gone with the next picture, and lay nothing down where there are none', () => {
    const layer = createPixelLayer()
    let laid = 0
    const target = { put: () => void laid++ }
    layer.prepare(4, 4, 1, target)
    layer.fillRect(0, 0, 2, 2)
    layer.prepare(4, 4, 1, target)
    layer.flush()
    expect(laid).toBe(0)
    layer.fillRect(0, 0, 2, 2)
    layer.flush()
    layer.flush()
    expect(laid).toBe(1)
  })
})
