import { bucketStart } from './bucket-levels.ts'
import { CONSTANT, LENGTH_BYTES, MIXED, OWN_TIMES, type Times } from './bucket-row-format.ts'
import { ByteWriter } from './byte-writer.ts'
import {
  COUNT,
  FIELDS_PER_CHUNK,
  FIRST,
  FIRST_SEQUENCE,
  FIRST_TIMESTAMP,
  LAST,
  LAST_SEQUENCE,
  LAST_TIMESTAMP,
  MAX,
  MIN,
  STRIDE,
  type StateStatistics,
  SUM,
} from './field-statistics.ts'
import type { PublisherBucket } from './publisher-bucket.ts'

const writer = new ByteWriter()

/**
 * Encodes one chunk of a bucket as a row; null when there is nothing to keep.
 * @returns bytes that are valid until the next call
 */
export function encodeBucketRow(row: PublisherBucket, level: number, chunk: number): Buffer | null {
  const { numbers, states } = row.fields
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
  if (chunk === 0 ? row.isEmpty : shared === undefined) return null

  writer.reset()
  for (let byte = 0; byte < LENGTH_BYTES; byte++) writer.byte(0)
  writer.varint(row.bucket)
  if (chunk === 0) {
    writer.varint(row.verified)
    writer.varint(row.pending)
    writer.varint(row.unauthorised)
    writer.varint(row.gaps)
  }
  writer.varint(numeric.length)
  writer.varint(textual.length)
  if (shared !== undefined) writeFields(numbers, numeric, textual, shared, bucketStart(level, row.bucket))
  const { written } = writer
  writer.overwrite24(0, written.length - LENGTH_BYTES)
  return written
}

function writeFields(
  numbers: Float64Array,
  numeric: readonly number[],
  textual: readonly [number, StateStatistics][],
  shared: Times,
  start: number,
): void {
  writeTimes(shared, start)
  for (const at of numeric) {
    const own = !hasTimes(numbers, at, shared)
    const constant =
      numbers[at + MIN] === numbers[at + MAX] &&
      // The sum of a constant is rounded in its own way: it is written unless it is what the reader will compute.
      numbers[at + SUM] === (numbers[at + MIN] as number) * (numbers[at] as number)
    writer.byte(at / STRIDE)
    writer.byte((own ? OWN_TIMES : 0) | (constant ? CONSTANT : 0))
    if (own) writeTimes(timesOf(numbers, at), start)
    writer.double(numbers[at + MIN] as number)
    if (constant) continue
    writer.double(numbers[at + MAX] as number)
    writer.double(numbers[at + FIRST] as number)
    writer.double(numbers[at + LAST] as number)
    writer.double(numbers[at + SUM] as number)
  }
  for (const [slot, state] of textual) {
    const own = !isSameTimes(state, shared)
    writer.byte(slot)
    writer.byte((own ? OWN_TIMES : 0) | (state.mixed ? MIXED : 0))
    if (own) writeTimes(state, start)
    writer.text(state.first)
    if (state.mixed) writer.text(state.last)
  }
}

function writeTimes(times: Times, start: number): void {
  writer.varint(times.count)
  writer.varint(times.firstTimestamp - start)
  writer.varint(times.firstSequence)
  if (times.count === 1) return
  writer.varint(times.lastTimestamp - times.firstTimestamp)
  writer.varint(times.lastSequence)
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

function isSameTimes(a: Times, b: Times): boolean {
  return (
    a.count === b.count &&
    a.firstTimestamp === b.firstTimestamp &&
    a.firstSequence === b.firstSequence &&
    a.lastTimestamp === b.lastTimestamp &&
    a.lastSequence === b.lastSequence
  )
}
