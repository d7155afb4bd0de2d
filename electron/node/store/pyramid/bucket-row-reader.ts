import { bucketStart } from './bucket-levels.ts'
import { CONSTANT, LENGTH_BYTES, MIXED, OWN_TIMES } from './bucket-row-format.ts'
import {
  COUNT,
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

/** LEB128 of a number up to 2^53 takes eight bytes. */
const MAX_VARINT_BYTES = 8
const FIGURE_BYTES = 8
const FIGURES = 5

/**
 * Goes through rows of one level and chunk that stand one behind the other, without an object for each. What it
 * stands on is valid after `next` returned true.
 * @throws RangeError when the bytes are not such rows in ascending order
 */
export class BucketRowReader {
  bucket = -1
  verified = 0
  pending = 0
  unauthorised = 0
  gaps = 0
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #level: number
  readonly #chunk: number
  #at = 0
  #end = 0
  #fieldsAt = 0
  #numeric = 0
  #textual = 0
  #start = 0
  /** Times read last: count, first timestamp and sequence, last timestamp and sequence. */
  readonly #shared = new Float64Array(5)
  readonly #own = new Float64Array(5)

  constructor(bytes: Buffer, level: number, chunk: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#level = level
    this.#chunk = chunk
  }

  /** Goes to the next row; false behind the last. */
  next(): boolean {
    if (this.#end >= this.#bytes.length) return false
    this.#at = this.#end + LENGTH_BYTES
    if (this.#at > this.#bytes.length) throw new RangeError('A row of the pyramid is cut')
    this.#end = this.#at + this.#bytes.readUIntLE(this.#end, LENGTH_BYTES)
    if (this.#end > this.#bytes.length) throw new RangeError('A row of the pyramid is cut')
    const bucket = this.#varint()
    if (bucket <= this.bucket) throw new RangeError('The rows of the pyramid are not in order')
    this.bucket = bucket
    this.#start = bucketStart(this.#level, bucket)
    if (this.#chunk === 0) {
      this.verified = this.#varint()
      this.pending = this.#varint()
      this.unauthorised = this.#varint()
      this.gaps = this.#varint()
    }
    this.#numeric = this.#varint()
    this.#textual = this.#varint()
    if (this.#numeric + this.#textual > 0) this.#readTimes(this.#shared)
    this.#fieldsAt = this.#at
    return true
  }

  /**
   * Reads the numbers of one field.
   * @param figures receives the `STRIDE` doubles
   * @returns whether the field has numbers in the bucket
   */
  readNumber(slot: number, figures: Float64Array): boolean {
    this.#at = this.#fieldsAt
    for (let field = 0; field < this.#numeric; field++) {
      const found = this.#bytes[this.#at++]
      const form = this.#bytes[this.#at++] as number
      const times = this.#timesOf(form)
      if (found === slot) {
        this.#readFigures(form, times, figures)
        return true
      }
      this.#at += form & CONSTANT ? FIGURE_BYTES : FIGURES * FIGURE_BYTES
    }
    return false
  }

  /** Reads the states of one field; undefined when it has none in the bucket. */
  readStates(slot: number): StateStatistics | undefined {
    this.#skipNumbers()
    for (let field = 0; field < this.#textual; field++) {
      const found = this.#bytes[this.#at++]
      const states = this.#readState()
      if (found === slot) return states
    }
    return undefined
  }

  /** Puts all of the row into a bucket whose fields of this chunk are empty. */
  putInto(bucket: PublisherBucket): void {
    if (this.#chunk === 0) {
      bucket.verified = this.verified
      bucket.pending = this.pending
      bucket.unauthorised = this.unauthorised
      bucket.gaps = this.gaps
    }
    this.#at = this.#fieldsAt
    for (let field = 0; field < this.#numeric; field++) {
      const slot = this.#bytes[this.#at++] as number
      const form = this.#bytes[this.#at++] as number
      const figures = new Float64Array(STRIDE)
      this.#readFigures(form, this.#timesOf(form), figures)
      bucket.fields.setNumbers(slot, figures)
    }
    for (let field = 0; field < this.#textual; field++) {
      const slot = this.#bytes[this.#at++] as number
      bucket.fields.setStates(slot, this.#readState())
    }
    if (this.#at !== this.#end) throw new RangeError('A row of the pyramid has another length than it says')
  }

  #skipNumbers(): void {
    this.#at = this.#fieldsAt
    for (let field = 0; field < this.#numeric; field++) {
      const form = this.#bytes[this.#at + 1] as number
      this.#at += 2
      this.#timesOf(form)
      this.#at += form & CONSTANT ? FIGURE_BYTES : FIGURES * FIGURE_BYTES
    }
  }

  #readFigures(form: number, times: Float64Array, figures: Float64Array): void {
    const min = this.#double()
    const constant = (form & CONSTANT) !== 0
    figures[COUNT] = times[0] as number
    figures[MIN] = min
    figures[MAX] = constant ? min : this.#double()
    figures[FIRST] = constant ? min : this.#double()
    figures[LAST] = constant ? min : this.#double()
    figures[SUM] = constant ? min * (times[0] as number) : this.#double()
    figures[FIRST_TIMESTAMP] = times[1] as number
    figures[FIRST_SEQUENCE] = times[2] as number
    figures[LAST_TIMESTAMP] = times[3] as number
    figures[LAST_SEQUENCE] = times[4] as number
  }

  #readState(): StateStatistics {
    const form = this.#bytes[this.#at++] as number
    const [count, firstTimestamp, firstSequence, lastTimestamp, lastSequence] = this.#timesOf(
      form,
    ) as unknown as [number, number, number, number, number]
    const first = this.#text()
    const mixed = (form & MIXED) !== 0
    const last = mixed ? this.#text() : first
    return { count, first, firstTimestamp, firstSequence, last, lastTimestamp, lastSequence, mixed }
  }

  #timesOf(form: number): Float64Array {
    if ((form & OWN_TIMES) === 0) return this.#shared
    this.#readTimes(this.#own)
    return this.#own
  }

  #readTimes(times: Float64Array): void {
    const count = this.#varint()
    const timestamp = this.#start + this.#varint()
    const sequence = this.#varint()
    times[0] = count
    times[1] = timestamp
    times[2] = sequence
    times[3] = count === 1 ? timestamp : timestamp + this.#varint()
    times[4] = count === 1 ? sequence : this.#varint()
  }

  #varint(): number {
    const first = this.#bytes[this.#at++] as number
    if (first < 0x80) return first
    let value = first & 0x7f
    let scale = 128
    for (let bytes = 1; bytes < MAX_VARINT_BYTES; bytes++) {
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    throw new RangeError('A row of the pyramid holds no number where one should be')
  }

  #double(): number {
    const value = this.#view.getFloat64(this.#at, true)
    this.#at += FIGURE_BYTES
    return value
  }

  #text(): string {
    const length = this.#varint()
    const start = this.#at
    this.#at += length
    if (this.#at > this.#end) throw new RangeError('A row of the pyramid is cut')
    return this.#bytes.toString('utf8', start, this.#at)
  }
}
