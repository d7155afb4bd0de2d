import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSvgBrush } from '../../../renderer/ui/chart/svg-brush.ts'

const HOSTILE = [
  '</text><script>alert(1)</script>',
  '"&<>\'',
  ']]>',
  '\u0000\u0008\uFFFE',
  '\u202Eabc',
  'x'.repeat(10_000),
]

/** Elements and their attributes, as a strict reader of markup finds them; texts apart. */
function tagsOf(svg: string): string[] {
  return [...svg.matchAll(/<\/?([A-Za-z]+)/g)].map((match) => match[1] ?? '')
}

function draw(text: string): string {
  const brush = createSvgBrush(100, 50, '#fff')
  brush.fillStyle = '#000'
  brush.font = '12px sans-serif'
  brush.fillText(text, 1, 2)
  return brush.toText()
}

describe('a picture as SVG', () => {
  it('holds words of a stream as text, whatever they are', () => {
    const plain = tagsOf(draw('plain'))
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 })),
        (text) => {
          const svg = draw(text)
          expect(tagsOf(svg)).toEqual(plain)
          // Characters that XML does not know would make the whole file unreadable.
          // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
          expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/)
          expect(svg.isWellFormed()).toBe(true)
        },
      ),
    )
  })
})
