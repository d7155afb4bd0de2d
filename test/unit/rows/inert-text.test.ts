import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromInertText, toInertText } from '../../../shared/format/inert-text.ts'

/** Cells as a spreadsheet may cut them: by any list separator it may be set to, and by line. */
const cellsOf = (text: string) => text.split(/[;\t\r\n|]/)
const isFormula = (cell: string) => /^[=+\-@＝＋－＠]/u.test(cell.replace(/^[\p{Z}\p{C}]+/u, ''))

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '=',
        '+',
        '-',
        '@',
        "'",
        '＝',
        '＠',
        ';',
        '|',
        '\t',
        '\r',
        '\n',
        ' ',
        '\u200b',
        '"',
        ',',
        '\0',
      ),
      fc.string({ maxLength: 3, unit: 'binary' }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('an inert text', () => {
  it('begins no formula, wherever a spreadsheet cuts it', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(cellsOf(toInertText(text)).filter(isFormula)).toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  it('can be turned back into what it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(fromInertText(toInertText(text))).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'],
    ['\t=1', "\t'=1"],
    ['a;=cmd', "a;'=cmd"],
    ["'quoted", "''quoted"],
    ['plain - text = harmless', 'plain - text = harmless'],
    ['{"a":-5}', '{"a":-5}'],
  ])('%j becomes %j', (text, inert) => {
    expect(toInertText(text)).toBe(inert)
  })
})
