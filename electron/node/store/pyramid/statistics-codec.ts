/**
 * One chunk of field statistics as stored in a row of the pyramid.
 *
 *     format = 1
 *     shared times: count, first timestamp, first sequence, [span to last timestamp, last sequence]
 *     number of numeric fields, then each: slot, form, [own times], figures
 *     number of state fields, then each: slot, form, [own times], first state, [last state]
 *
 * Integers are LEB128, figures are doubles, timestamps count from the start of the bucket. Messages of one
 * publisher mostly carry the same fields, so count and times are written once and only fields that differ carry
 * their own. A bucket that holds one message costs ten bytes a field.
 */
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import {
  COUNT,
  FIELDS_PER_CHUNK,
  FIRST,
  FIRST_SEQUENCE,
  FIRST_TIMESTAMP,
  type FieldStatistics,
  LAST,
  LAST_SEQUENCE,
  LAST_TIMESTAMP,
  MAX,
  MIN,
  STRIDE,
  type StateStatistics,
  SUM,
} from './field-statistics.ts'

const FORMAT = 1
/** Bits of the form of an entry. */
const OWN_TIMES = 1
const CONSTANT = 2
const MIXED = 4

interface Times {
  count: number
  firstTimestamp: number
  firstSequence: number
  lastTimestamp: number
  lastSequence: number
}

const writer = new ByteWriter()

/**
 * Encodes the fields of `chunk`; null when none has values.
 * @param bucketStart start of the bucket, ms since the epoch
 * @returns bytes that are valid until the next call
 */
export function encodeChunk(statistics: FieldStatistics, chunk: number, bucketStart: number): Buffer | null {
  const { numbers, states } = statistics
  const firstSlot = chunk * FIELDS_PER_CHUNK
  const endSlot = firstSlot + FIELDS_PER_CHUNK
  const numeric: number[] = []
  for (let at = firstSlot * STRIDE; at < Math.min(endSlot * STRIDE, numbers.length); at += STRIDE) {
    if ((numbers[at] as number) > 0) numeric.push(at)
  }
  const textual: [number, StateStatistics][] = []
  if (states.size > 0) {
    for (let slot = firstSlot; slot < endSlot; slot++) {
      const state = states.get(slot)
      if (state !== undefined) textual.push([slot, state])
    }
  }
  const first = numeric[0]
  const shared = first === undefined ? textual[0]?.[1] : timesOf(numbers, first)
  if (shared === undefined) return null

  writer.reset()
  writer.byte(FORMAT)
  writeTimes(shared, bucketStart)
  writer.varint(numeric.length)
  for (const at of numeric) {
    const own = !hasTimes(numbers, at, shared)
    const constant =
      numbers[at + MIN] === numbers[at + MAX] &&
      // The sum of a constant is rounded in its own way: written as it is when it is not value x count.
      numbers[at + SUM] === (numbers[at + MIN] as number) * (numbers[at] as number)
    writer.byte(at / STRIDE)
    writer.byte((own ? OWN_TIMES : 0) | (constant ? CONSTANT : 0))
    if (own) writeTimes(timesOf(numbers, at), bucketStart)
    writer.double(numbers[at + MIN] as number)
    if (constant) continue
    writer.double(numbers[at + MAX] as number)
    writer.double(numbers[at + FIRST] as number)
    writer.double(numbers[at + LAST] as number)
    writer.double(numbers[at + SUM] as number)
  }
  writer.varint(textual.length)
  for (const [slot, state] of textual) {
    const own = !sameTimes(state, shared)
    writer.byte(slot)
    writer.byte((own ? OWN_TIMES : 0) | (state.mixed ? MIXED : 0))
    if (own) writeTimes(state, bucketStart)
    writer.text(state.first)
    if (state.mixed) writer.text(state.last)
  }
  return writer.written
}

/** Adds what a chunk holds to `into`. @throws RangeError when the bytes are no chunk. */
export function decodeChunk(bytes: Buffer, bucketStart: number, into: FieldStatistics): void {
  const reader = new ByteReader(bytes)
  const shared = readHead(reader, bucketStart)
  for (let entries = reader.varint(); entries > 0; entries--) {
    const slot = reader.byte()
    const form = reader.byte()
    const times = form & OWN_TIMES ? readTimes(reader, bucketStart) : shared
    into.setNumbers(slot, readFigures(reader, form, times))
  }
  for (let entries = reader.varint(); entries > 0; entries--) {
    const { slot, states } = readState(reader, shared, bucketStart)
    into.setStates(slot, states)
  }
}

/**
 * Reads one numeric field of a chunk without the others.
 * @param figures receives the `STRIDE` doubles
 * @returns whether the field has values in the bucket
 */
export function readNumber(bytes: Buffer, bucketStart: number, slot: number, figures: Float64Array): boolean {
  const reader = new ByteReader(bytes)
  const shared = readHead(reader, bucketStart)
  for (let entries = reader.varint(); entries > 0; entries--) {
    const entry = reader.byte()
    const form = reader.byte()
    const times = form & OWN_TIMES ? readTimes(reader, bucketStart) : shared
    if (entry === slot) {
      readFigures(reader, form, times, figures)
      return true
    }
    reader.skip(form & CONSTANT ? 8 : 40)
  }
  return false
}

/** Reads the text or boolean values of one field of a chunk; undefined when it has none in the bucket. */
export function readStates(bytes: Buffer, bucketStart: number, slot: number): StateStatistics | undefined {
  const reader = new ByteReader(bytes)
  const shared = readHead(reader, bucketStart)
  for (let entries = reader.varint(); entries > 0; entries--) {
    reader.byte()
    const form = reader.byte()
    if (form & OWN_TIMES) readTimes(reader, bucketStart)
    reader.skip(form & CONSTANT ? 8 : 40)
  }
  for (let entries = reader.varint(); entries > 0; entries--) {
    const entry = readState(reader, shared, bucketStart)
    if (entry.slot === slot) return entry.states
  }
  return undefined
}

function readState(
  reader: ByteReader,
  shared: Times,
  bucketStart: number,
): { slot: number; states: StateStatistics } {
  const slot = reader.byte()
  const form = reader.byte()
  const times = form & OWN_TIMES ? readTimes(reader, bucketStart) : shared
  const first = reader.text()
  const mixed = (form & MIXED) !== 0
  return { slot, states: { ...times, first, last: mixed ? reader.text() : first, mixed } }
}

function readHead(reader: ByteReader, bucketStart: number): Times {
  if (reader.byte() !== FORMAT) throw new RangeError('Not a chunk of field statistics')
  return readTimes(reader, bucketStart)
}

function readFigures(
  reader: ByteReader,
  form: number,
  times: Times,
  figures: Float64Array = new Float64Array(STRIDE),
): Float64Array {
  const min = reader.double()
  const constant = (form & CONSTANT) !== 0
  figures[COUNT] = times.count
  figures[MIN] = min
  figures[MAX] = constant ? min : reader.double()
  figures[FIRST] = constant ? min : reader.double()
  figures[LAST] = constant ? min : reader.double()
  figures[SUM] = constant ? min * times.count : reader.double()
  figures[FIRST_TIMESTAMP] = times.firstTimestamp
  figures[FIRST_SEQUENCE] = times.firstSequence
  figures[LAST_TIMESTAMP] = times.lastTimestamp
  figures[LAST_SEQUENCE] = times.lastSequence
  return figures
}

function writeTimes(times: Times, bucketStart: number): void {
  writer.varint(times.count)
  writer.varint(times.firstTimestamp - bucketStart)
  writer.varint(times.firstSequence)
  if (times.count === 1) return
  writer.varint(times.lastTimestamp - times.firstTimestamp)
  writer.varint(times.lastSequence)
}

function readTimes(reader: ByteReader, bucketStart: number): Times {
  const count = reader.varint()
  const firstTimestamp = bucketStart + reader.varint()
  const firstSequence = reader.varint()
  if (count === 1) {
    return {
      count,
      firstTimestamp,
      firstSequence,
      lastTimestamp: firstTimestamp,
      lastSequence: firstSequence,
    }
  }
  const lastTimestamp = firstTimestamp + reader.varint()
  return { count, firstTimestamp, firstSequence, lastTimestamp, lastSequence: reader.varint() }
}

function timesOf(numbers: Float64Array, at: number): Times {
  return {
    count: numbers[at + COUNT] as number,
    firstTimestamp: numbers[at + FIRST_TIMESTAMP] as number,
    firstSequence: numbers[at + FIRST_SEQUENCE] as number,
    lastTimestamp: numbers[at + LAST_TIMESTAMP] as number,
    lastSequence: numbers[at + LAST_SEQUENCE] as number,
  }
}

function hasTimes(numbers: Float64Array, at: number, times: Times): boolean {
  return (
    numbers[at + COUNT] === times.count &&
    numbers[at + FIRST_TIMESTAMP] === times.firstTimestamp &&
    numbers[at + FIRST_SEQUENCE] === times.firstSequence &&
    numbers[at + LAST_TIMESTAMP] === times.lastTimestamp &&
    numbers[at + LAST_SEQUENCE] === times.lastSequence
  )
}

function sameTimes(a: Times, b: Times): boolean {
  return (
    a.count === b.count &&
    a.firstTimestamp === b.firstTimestamp &&
    a.firstSequence === b.firstSequence &&
    a.lastTimestamp === b.lastTimestamp &&
    a.lastSequence === b.lastSequence
  )
}
