import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { layoutText, MAX_PANELS, parseLayout, partsOfLayout, readLayout } from '../../../shared/layout.ts'
import { decodeLayoutLink, encodeLayoutLink, MAX_LINK_CHARS } from '../../../shared/layout-link.ts'
import { aLayout, PART } from './layouts.ts'

/** The layout with one value put at a path, as somebody with an editor would. */
function edited(path: string, value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(aLayout()))
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let node = copy as Record<string, unknown>
  for (const key of keys) node = node[key] as Record<string, unknown>
  node[last] = value
  return copy
}

const tooMany = Array.from({ length: MAX_PANELS + 1 }, (_, i) => ({ ...aLayout().panels[0], id: `p${i}` }))

describe('a layout as text', () => {
  it('comes back whole', () => {
    expect(parseLayout(layoutText(aLayout()))).toEqual(aLayout())
    expect(partsOfLayout(aLayout())).toEqual([PART])
  })

  it('of a newer version is refused in words, whatever else it holds', () => {
    expect(() => readLayout({ version: 2, panels: 'a better idea' })).toThrow(
      expect.objectContaining({ code: 'layout-newer', message: expect.stringContaining('version 2') }),
    )
  })

  it.each([
    ['an unknown kind', 'panels.1.kind', 'pie', /panel 2, kind/],
    ['a panel beyond the edge', 'panels.0.place.x', 9, /panel 1, place/],
    ['an unknown key', 'panels.0.script', 'x', /panel 1/],
    ['two panels of one id', 'panels.1.id', 'temperature', /share one id/],
    ['a name of blanks', 'name', '  ', /name/],
    ['an input that is no letter', 'panels.0.series.1.inputs.constructor', null, /inputs/],
    ['a publisher that is none', 'panels.0.series.0.publisher', '<img>', /publisher/],
    ['too many panels', 'panels', tooMany, /panels/],
  ])('with %s is refused, and says where', (_name, path, value, sentence) => {
    expect(() => readLayout(edited(path, value))).toThrow(
      expect.objectContaining({ code: 'layout-invalid', message: expect.stringMatching(sentence) }),
    )
  })

  it('of any shape either is a layout or is refused, and never anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          expect(readLayout(value)).toBeTruthy()
        } catch (error) {
          expect((error as { code: string }).code).toMatch(/^layout-(invalid|newer)$/)
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('a layout in a link', () => {
  it('comes back whole', async () => {
    const text = await encodeLayoutLink(aLayout())
    expect(text).toMatch(/^[\w-]+$/)
    expect(await decodeLayoutLink(text)).toEqual(aLayout())
  })

  it('that is cut or made up is refused in words', async () => {
    const text = await encodeLayoutLink(aLayout())
    for (const broken of [text.slice(0, -9), 'AAAA', '', '%%%', 'x'.repeat(MAX_LINK_CHARS + 1)]) {
      await expect(decodeLayoutLink(broken)).rejects.toMatchObject({ code: 'layout-invalid' })
    }
  })

  it('that unpacks to more than a layout is stopped on the way', async () => {
    const zeros = new Blob([new Uint8Array(4_000_000)])
      .stream()
      .pipeThrough(new CompressionStream('deflate-raw'))
    const packed = Buffer.from(await new Response(zeros).arrayBuffer()).toString('base64url')
    expect(packed.length).toBeLessThan(MAX_LINK_CHARS)
    await expect(decodeLayoutLink(packed)).rejects.toMatchObject({ code: 'layout-invalid' })
  })
})
