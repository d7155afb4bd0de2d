const QUOTE = '"'
const BACKSLASH = '\\'

/** JSON nested deeper than asked for, or that ends inside a text. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused'
}

/**
 * JSON text without the white space between its tokens, in one pass and before anything is parsed.
 * @throws {JsonRefused} when it nests deeper than `maxDepth` or ends within a text
 */
export function compactJson(text: string, maxDepth: number): string {
  const kept: string[] = []
  let depth = 0
  let start = 0
  let i = 0
  while (i < text.length) {
    const character = text[i]
    if (character === QUOTE) {
      i = endOfText(text, i)
      continue
    }
    if (character === '{' || character === '[') {
      depth += 1
      if (depth > maxDepth) throw new JsonRefused(`JSON that nests deeper than ${maxDepth}`)
    } else if (character === '}' || character === ']') {
      depth -= 1
    } else if (character === ' ' || character === '\n' || character === '\r' || character === '\t') {
      kept.push(text.slice(start, i))
      start = i + 1
    }
    i += 1
  }
  kept.push(text.slice(start))
  return kept.join('')
}

/** Index behind the quote that closes the text opened at `start`. */
function endOfText(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === BACKSLASH) i += 1
    else if (text[i] === QUOTE) return i + 1
  }
  throw new JsonRefused('JSON that ends within a text')
}
