import { isAscii, isUtf8 } from 'node:buffer'
import { MAX_JSON_BYTES, MAX_JSON_DEPTH, MAX_JSON_VALUES } from './limits.ts'

/** Why content is not read as JSON. */
export type OpaqueReason = 'empty' | 'too-large' | 'too-deep' | 'too-many-values' | 'not-utf8' | 'not-json'

export type ParsedContent = { value: unknown; opaque: undefined } | { value: undefined; opaque: OpaqueReason }

/**
 * Parses content as JSON within bounds of size, depth and number of values, which are checked before anything is
 * allocated. Never throws.
 */
export function parseJsonContent(content: Uint8Array): ParsedContent {
  if (content.length === 0) return opaque('empty')
  if (content.length > MAX_JSON_BYTES) return opaque('too-large')
  if (!BEGINNINGS.has(content[0] ?? 0)) return opaque('not-json')
  const excess = findExcess(content)
  if (excess !== undefined) return opaque(excess)
  const text = decodeText(content)
  if (text === undefined) return opaque('not-utf8')
  try {
    return { value: JSON.parse(text), opaque: undefined }
  } catch {
    return opaque('not-json')
  }
}

function opaque(reason: OpaqueReason): ParsedContent {
  return { value: undefined, opaque: reason }
}

function decodeText(content: Uint8Array): string | undefined {
  const bytes = Buffer.isBuffer(content)
    ? content
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  if (isAscii(content)) return bytes.toString('latin1')
  return isUtf8(content) ? bytes.toString('utf8') : undefined
}

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d

/** Bytes that can begin JSON: a look at the first spares cipher text and binary content the cost of an error. */
const BEGINNINGS: ReadonlySet<number> = new Set(Buffer.from(' \t\n\r{["-0123456789tfn'))

/** One pass over the bytes that counts nesting and separators outside texts. */
function findExcess(content: Uint8Array): 'too-deep' | 'too-many-values' | undefined {
  let depth = 0
  let values = 0
  for (let i = 0; i < content.length; i++) {
    const byte = content[i]
    if (byte === QUOTE) i = endOfText(content, i)
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1
      if (depth > MAX_JSON_DEPTH) return 'too-deep'
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1
    else if (byte === COMMA) {
      values += 1
      if (values >= MAX_JSON_VALUES) return 'too-many-values'
    }
  }
  return undefined
}

/** Index of the quote that closes the text opened at `start`, or the end of the content. */
function endOfText(content: Uint8Array, start: number): number {
  let i = start + 1
  while (i < content.length && content[i] !== QUOTE) i += content[i] === BACKSLASH ? 2 : 1
  return i
}
