import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText } from '../../../renderer/ui/chart/xml-text.ts'

const HOSTILE = [
  '</text><script>alert(1)</script>',
  '"&<>\'',
  ']]>',
  '\u0000\u0008\uFFFE',
  '\u202Eabc',
  '\uD800',
]

describe('a text in a picture as SVG', () => {
  it('is no markup and leaves the file readable, whatever a stream says', () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    const unreadable = /[<>"']|&(?!#\d+;)|[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/
    fc.assert(
      fc.property(text, (words) => {
        const escaped = escapeText(words)
        return escaped.isWellFormed() && !unreadable.test(escaped)
      }),
    )
  })

  it('is what it was where it is harmless', () => {
    expect(escapeText('CPU 99 % – größer')).toBe('CPU 99 % – größer')
  })
})
