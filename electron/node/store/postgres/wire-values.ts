import type { WireValue } from './wire-protocol.ts'

/** Types of PostgreSQL as they come, by their numbers in its catalogue. */
const BYTEA = 17
const INT8 = 20
const INT2 = 21
const INT4 = 23
const NUMERIC = 1700
const FLOAT8 = 701
const BOOL = 16

const ESCAPE = String.fromCharCode(1)
const LAST_ESCAPED = 2

/**
 * Text columns cannot hold the character 0, which names from outside may. It is written as two characters, and so are
 * those that this takes; the order of texts stays. A number that stands in a column of names (`numberAmongNames`)
 * begins with the character 2, which no written text does.
 */
export function writeText(text: string): string {
  let written = ''
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code > LAST_ESCAPED) continue
    written += `${text.slice(from, at)}${ESCAPE}${String.fromCharCode(code + 1)}`
    from = at + 1
  }
  return from === 0 ? text : written + text.slice(from)
}

export function readText(text: string): string | number {
  if (text.charCodeAt(0) === LAST_ESCAPED) return Number(text.slice(1))
  const [first = '', ...escaped] = text.split(ESCAPE)
  if (escaped.length === 0) return text
  let read = first
  for (let at = 0; at < escaped.length; at++) {
    // An escaped ESCAPE leaves two of them with nothing between.
    const part = escaped[at] as string
    if (part === '') {
      read += `${String.fromCharCode(0)}${escaped[at + 1] ?? ''}`
      at += 1
    } else {
      read += `${String.fromCharCode(part.charCodeAt(0) - 1)}${part.slice(1)}`
    }
  }
  return read
}

function readBytes(text: string): Buffer {
  return Buffer.from(text.slice(2), 'hex')
}

/** Parsers for `pg`: numbers come as numbers (ours stay below 2^53), bytes as bytes. */
export const WIRE_TYPES = {
  getTypeParser: (oid: number): ((text: string) => WireValue) => {
    if (oid === INT8 || oid === INT4 || oid === INT2 || oid === NUMERIC || oid === FLOAT8) return Number
    if (oid === BYTEA) return readBytes
    if (oid === BOOL) return (text) => (text === 't' ? 1 : 0)
    return readText
  },
}
