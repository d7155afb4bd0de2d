import { isUtf8 } from 'node:buffer'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { MAX_UNKNOWN_FIELDS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'

/** How a field of a schema is read: its largest value, or its largest size in bytes or items. */
export type FieldRule =
  | { readonly kind: 'number'; readonly max: number }
  | { readonly kind: 'bytes'; readonly max: number }
  | { readonly kind: 'text'; readonly max: number }
  /** Packed numbers: at most `items`, each at most `max`. */
  | { readonly kind: 'numbers'; readonly items: number; readonly max: number }
  /** Repeated bytes: at most `items`, each at most `max` bytes. */
  | { readonly kind: 'chunks'; readonly items: number; readonly max: number }

export type Schema = Readonly<Record<string, FieldRule & { readonly field: number }>>

type ValueOf<R extends FieldRule> = R extends { kind: 'number' }
  ? number
  : R extends { kind: 'bytes' }
    ? Uint8Array
    : R extends { kind: 'text' }
      ? string
      : R extends { kind: 'numbers' }
        ? Float64Array
        : Uint8Array[]

export type FieldsOf<S extends Schema> = { [name in keyof S]: ValueOf<S[name]> }

const WIRE_TYPES: Record<FieldRule['kind'], WireType> = {
  number: WireType.Varint,
  bytes: WireType.LengthDelimited,
  text: WireType.LengthDelimited,
  numbers: WireType.LengthDelimited,
  chunks: WireType.LengthDelimited,
}

/**
 * Reads a proto3 message by a schema of bounds. Stricter than protobuf where leniency would let two readers see
 * different messages: a field that may occur once and occurs twice is refused, as is one of another wire type.
 * Fields with unknown numbers are skipped up to a bound, so that a newer version may add some. Absent fields are
 * 0 or empty, as in proto3; byte fields are views of `bytes`.
 *
 * @throws {PeerFault} `malformed` or `too-large`
 */
export function readFields<S extends Schema>(bytes: Uint8Array, schema: S): FieldsOf<S> {
  try {
    return readBySchema(bytes, schema)
  } catch (error) {
    if (error instanceof PeerFault) throw error
    throw new PeerFault('malformed', 'A frame is not protobuf.', { cause: error })
  }
}

function readBySchema<S extends Schema>(bytes: Uint8Array, schema: S): FieldsOf<S> {
  const reader = new BinaryReader(bytes)
  const names = new Map(Object.entries(schema).map(([name, { field }]) => [field, name]))
  const values: Record<string, unknown> = {}
  let unknown = 0
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    const name = names.get(field)
    const rule = name === undefined ? undefined : schema[name]
    if (name === undefined || rule === undefined) {
      unknown += 1
      if (unknown > MAX_UNKNOWN_FIELDS)
        throw new PeerFault('malformed', 'A frame has too many unknown fields.')
      reader.skip(wireType, field)
      continue
    }
    if (wireType !== WIRE_TYPES[rule.kind]) throw new PeerFault('malformed', `${name} has a wrong wire type.`)
    if (rule.kind === 'chunks') {
      values[name] = withChunk(values[name] as Uint8Array[] | undefined, reader, name, rule)
      continue
    }
    if (values[name] !== undefined) throw new PeerFault('malformed', `${name} occurs twice.`)
    values[name] = readValue(reader, name, rule)
  }
  if (reader.pos !== bytes.length) throw new PeerFault('malformed', 'A field reaches beyond its frame.')
  for (const [name, rule] of Object.entries(schema)) values[name] ??= absentValue(rule)
  return values as FieldsOf<S>
}

function readValue(reader: BinaryReader, name: string, rule: FieldRule): unknown {
  if (rule.kind === 'number') return boundedNumber(reader, name, rule.max)
  if (rule.kind === 'numbers') return packedNumbers(lengthDelimited(reader, name, rule.items * 8), name, rule)
  const bytes = lengthDelimited(reader, name, rule.max)
  if (rule.kind === 'bytes') return bytes
  if (!isUtf8(bytes)) throw new PeerFault('malformed', `${name} is not UTF-8.`)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function withChunk(
  chunks: Uint8Array[] = [],
  reader: BinaryReader,
  name: string,
  rule: { items: number; max: number },
): Uint8Array[] {
  if (chunks.length >= rule.items)
    throw new PeerFault('too-large', `${name} has more than ${rule.items} items.`)
  chunks.push(lengthDelimited(reader, name, rule.max))
  return chunks
}

function lengthDelimited(reader: BinaryReader, name: string, maxBytes: number): Uint8Array {
  const bytes = reader.bytes()
  if (bytes.length > maxBytes) {
    throw new PeerFault(
      'too-large',
      `${name} has ${bytes.length} bytes where at most ${maxBytes} are allowed.`,
    )
  }
  return bytes
}

function packedNumbers(bytes: Uint8Array, name: string, rule: { items: number; max: number }): Float64Array {
  // A varint ends with the byte whose highest bit is clear, so the items can be counted before any is kept.
  let items = 0
  for (const byte of bytes) if (byte < 0x80) items += 1
  if (items > rule.items) throw new PeerFault('too-large', `${name} has more than ${rule.items} items.`)
  const numbers = new Float64Array(items)
  const reader = new BinaryReader(bytes)
  for (let item = 0; item < items; item++) numbers[item] = boundedNumber(reader, name, rule.max)
  if (reader.pos !== bytes.length) throw new PeerFault('malformed', `${name} ends within a number.`)
  return numbers
}

/** All 64 bits are read, so that a large number cannot pass as a small one. */
function boundedNumber(reader: BinaryReader, name: string, max: number): number {
  const value = Number(reader.uint64())
  if (value > max) throw new PeerFault('too-large', `${name} is ${value} where at most ${max} is allowed.`)
  return value
}

function absentValue(rule: FieldRule): unknown {
  switch (rule.kind) {
    case 'number':
      return 0
    case 'text':
      return ''
    case 'bytes':
      return new Uint8Array(0)
    case 'numbers':
      return new Float64Array(0)
    case 'chunks':
      return []
  }
}
