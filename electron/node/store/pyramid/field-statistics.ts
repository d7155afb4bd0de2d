/**
 * Statistics of the fields of one publisher in one bucket, or of the messages about to be added to one.
 *
 * Adding is commutative and associative (the sum of floating-point numbers up to rounding), so late messages and
 * merged buckets give what a rebuild gives. First and last are by (timestamp, sequence); where two values share
 * both, the smaller counts as the first and the larger as the last.
 */
import { MAX_FIELDS_PER_PART } from '../../../../shared/chart.ts'

/** Doubles per numeric field, and where each figure stands. */
export const STRIDE = 10
export const COUNT = 0
export const SUM = 1
export const MIN = 2
export const MAX = 3
export const FIRST = 4
export const FIRST_TIMESTAMP = 5
export const FIRST_SEQUENCE = 6
export const LAST = 7
export const LAST_TIMESTAMP = 8
export const LAST_SEQUENCE = 9

/** Fields kept in one row of the pyramid: a message with 20 fields touches two rows a level, not twenty. */
export const FIELDS_PER_CHUNK = 16
export const CHUNKS = MAX_FIELDS_PER_PART / FIELDS_PER_CHUNK

/** Text and boolean values of one field in one bucket. */
export interface StateStatistics {
  count: number
  first: string
  firstTimestamp: number
  firstSequence: number
  last: string
  lastTimestamp: number
  lastSequence: number
  /** More than one state occurs: where it changed is found one level further down. */
  mixed: boolean
}

export class FieldStatistics {
  /** `STRIDE` doubles per slot; a slot without values has count 0. */
  numbers: Float64Array
  /** By slot. */
  readonly states = new Map<number, StateStatistics>()
  /** Bit `c` is set when a field of chunk `c` has values. */
  chunks = 0

  constructor(slots = 0) {
    this.numbers = new Float64Array(slots * STRIDE)
  }

  addNumber(slot: number, measured: number, timestamp: number, sequence: number): void {
    const value = measured + 0 // -0 becomes 0: which of two equal values is the smaller must not matter
    this.#reserve(slot)
    const numbers = this.numbers
    const at = slot * STRIDE
    const count = numbers[at] as number
    this.chunks |= 1 << (slot >> 4)
    numbers[at] = count + 1
    if (count === 0) {
      numbers[at + SUM] = value
      numbers[at + MIN] = value
      numbers[at + MAX] = value
      numbers[at + FIRST] = value
      numbers[at + FIRST_TIMESTAMP] = timestamp
      numbers[at + FIRST_SEQUENCE] = sequence
      numbers[at + LAST] = value
      numbers[at + LAST_TIMESTAMP] = timestamp
      numbers[at + LAST_SEQUENCE] = sequence
      return
    }
    numbers[at + SUM] = boundedSum(numbers[at + SUM] as number, value)
    if (value < (numbers[at + MIN] as number)) numbers[at + MIN] = value
    if (value > (numbers[at + MAX] as number)) numbers[at + MAX] = value
    setFirst(numbers, at, value, timestamp, sequence)
    setLast(numbers, at, value, timestamp, sequence)
  }

  addState(slot: number, state: string, timestamp: number, sequence: number): void {
    this.chunks |= 1 << (slot >> 4)
    const known = this.states.get(slot)
    if (known === undefined) {
      this.states.set(slot, {
        count: 1,
        first: state,
        firstTimestamp: timestamp,
        firstSequence: sequence,
        last: state,
        lastTimestamp: timestamp,
        lastSequence: sequence,
        mixed: false,
      })
      return
    }
    known.count += 1
    if (state !== known.first) known.mixed = true
    setFirstState(known, state, timestamp, sequence)
    setLastState(known, state, timestamp, sequence)
  }

  /** Puts a slot's figures as they were stored; the slot must be empty. */
  setNumbers(slot: number, figures: Float64Array): void {
    this.#reserve(slot)
    this.chunks |= 1 << (slot >> 4)
    this.numbers.set(figures, slot * STRIDE)
  }

  /** Puts a slot's states as they were stored; the slot must be empty. */
  setStates(slot: number, states: StateStatistics): void {
    this.chunks |= 1 << (slot >> 4)
    this.states.set(slot, states)
  }

  /** Adds all values of `other`, slot by slot. */
  add(other: FieldStatistics): void {
    this.chunks |= other.chunks
    this.#reserve(other.numbers.length / STRIDE - 1)
    for (let at = 0; at < other.numbers.length; at += STRIDE) addNumbers(this.numbers, other.numbers, at)
    for (const [slot, state] of other.states) this.#addStates(slot, state)
  }

  #addStates(slot: number, added: StateStatistics): void {
    const known = this.states.get(slot)
    if (known === undefined) {
      this.states.set(slot, { ...added })
      return
    }
    known.count += added.count
    known.mixed ||= added.mixed || added.first !== known.first
    setFirstState(known, added.first, added.firstTimestamp, added.firstSequence)
    setLastState(known, added.last, added.lastTimestamp, added.lastSequence)
  }

  #reserve(slot: number): void {
    const needed = (slot + 1) * STRIDE
    if (needed <= this.numbers.length) return
    const wider = new Float64Array(needed)
    wider.set(this.numbers)
    this.numbers = wider
  }
}

function addNumbers(numbers: Float64Array, added: Float64Array, at: number): void {
  const addedCount = added[at] as number
  if (addedCount === 0) return
  const count = numbers[at] as number
  if (count === 0) {
    for (let figure = 0; figure < STRIDE; figure++) numbers[at + figure] = added[at + figure] as number
    return
  }
  numbers[at] = count + addedCount
  numbers[at + SUM] = boundedSum(numbers[at + SUM] as number, added[at + SUM] as number)
  if ((added[at + MIN] as number) < (numbers[at + MIN] as number))
    numbers[at + MIN] = added[at + MIN] as number
  if ((added[at + MAX] as number) > (numbers[at + MAX] as number))
    numbers[at + MAX] = added[at + MAX] as number
  setFirst(
    numbers,
    at,
    added[at + FIRST] as number,
    added[at + FIRST_TIMESTAMP] as number,
    added[at + FIRST_SEQUENCE] as number,
  )
  setLast(
    numbers,
    at,
    added[at + LAST] as number,
    added[at + LAST_TIMESTAMP] as number,
    added[at + LAST_SEQUENCE] as number,
  )
}

/** Values up to 1.8e308 are allowed in; their sum stays a number that JSON can carry. */
export function boundedSum(a: number, b: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, a + b))
}

function setFirst(
  numbers: Float64Array,
  at: number,
  value: number,
  timestamp: number,
  sequence: number,
): void {
  const order =
    timestamp - (numbers[at + FIRST_TIMESTAMP] as number) ||
    sequence - (numbers[at + FIRST_SEQUENCE] as number) ||
    value - (numbers[at + FIRST] as number)
  if (order >= 0) return
  numbers[at + FIRST] = value
  numbers[at + FIRST_TIMESTAMP] = timestamp
  numbers[at + FIRST_SEQUENCE] = sequence
}

function setLast(
  numbers: Float64Array,
  at: number,
  value: number,
  timestamp: number,
  sequence: number,
): void {
  const order =
    timestamp - (numbers[at + LAST_TIMESTAMP] as number) ||
    sequence - (numbers[at + LAST_SEQUENCE] as number) ||
    value - (numbers[at + LAST] as number)
  if (order <= 0) return
  numbers[at + LAST] = value
  numbers[at + LAST_TIMESTAMP] = timestamp
  numbers[at + LAST_SEQUENCE] = sequence
}

function setFirstState(known: StateStatistics, state: string, timestamp: number, sequence: number): void {
  const order = timestamp - known.firstTimestamp || sequence - known.firstSequence
  if (order > 0 || (order === 0 && state >= known.first)) return
  known.first = state
  known.firstTimestamp = timestamp
  known.firstSequence = sequence
}

function setLastState(known: StateStatistics, state: string, timestamp: number, sequence: number): void {
  const order = timestamp - known.lastTimestamp || sequence - known.lastSequence
  if (order < 0 || (order === 0 && state <= known.last)) return
  known.last = state
  known.lastTimestamp = timestamp
  known.lastSequence = sequence
}
