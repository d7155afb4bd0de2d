/** Longest text of one cell or line; ids, hashes and sentences of our own are shorter. */
const MAX_TEXT_LENGTH = 600

/**
 * A text that a stranger may have written, as a standard font can print it: what the font has no glyph for, such as
 * control characters and marks that turn the direction of writing, stands as its code point.
 * @param glyphs code points of the font
 */
export function printable(text: string, glyphs: ReadonlySet<number>): string {
  let printed = ''
  for (const character of text.slice(0, MAX_TEXT_LENGTH)) {
    const code = character.codePointAt(0) ?? 0
    printed += code >= 0x20 && code !== 0x7f && glyphs.has(code) ? character : `\\u{${code.toString(16)}}`
  }
  return text.length > MAX_TEXT_LENGTH ? `${printed}...` : printed
}
