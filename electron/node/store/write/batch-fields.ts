import type { VerifiedBatch } from '../../message/verified-batch.ts'
import { FIELD_BOOLEAN, FIELD_NUMBER, FIELD_TEXT } from '../../message/verified-batch-layout.ts'
import type { FieldValue } from '../../ports.ts'
import { MAX_STATE_LENGTH } from '../limits.ts'
import type { FieldStatistics } from '../pyramid/field-statistics.ts'
import { type FieldSlots, NOT_INDEXED } from './field-slots.ts'

const UNKNOWN_SLOT = -2

/**
 * Adds the fields of a batch's messages to statistics, column by column: a path is looked up once per batch and
 * part, a text becomes a string once per batch.
 */
export class BatchFields {
  readonly #batch: VerifiedBatch
  readonly #slots = new Map<FieldSlots, Int16Array<ArrayBuffer>>()
  readonly #texts: (string | undefined)[] = []
  #current: FieldSlots | undefined
  #currentSlots = new Int16Array(0)

  constructor(batch: VerifiedBatch) {
    this.#batch = batch
  }

  /** Adds the fields of message `at`, whose part has the given slots. */
  add(at: number, slots: FieldSlots, statistics: FieldStatistics): void {
    const { fieldEnds, fieldPaths, fieldKinds, fieldValues, timestamps, sequences } = this.#batch
    const slotOfPath = this.#slotsOf(slots)
    const timestamp = timestamps[at] as number
    const sequence = sequences[at] as number
    const end = fieldEnds[at] as number
    for (let field = at === 0 ? 0 : (fieldEnds[at - 1] as number); field < end; field++) {
      const path = fieldPaths[field] as number
      const kind = fieldKinds[field] as number
      // A path that carries another kind of value than before is looked up again, so that the kind is noted.
      const known = slotOfPath[path * KINDS + kind] as number
      const slot = known === UNKNOWN_SLOT ? this.#lookUp(slots, path, kind) : known
      if (slot === NOT_INDEXED) continue
      const value = fieldValues[field] as number
      if (kind === FIELD_NUMBER) {
        if (Number.isFinite(value)) statistics.addNumber(slot, value, timestamp, sequence)
      } else {
        statistics.addState(
          slot,
          kind === FIELD_BOOLEAN ? String(value !== 0) : this.#text(value),
          timestamp,
          sequence,
        )
      }
    }
  }

  #slotsOf(slots: FieldSlots): Int16Array<ArrayBuffer> {
    if (this.#current === slots) return this.#currentSlots
    let known = this.#slots.get(slots)
    if (known === undefined) {
      known = new Int16Array(this.#batch.paths.length * KINDS).fill(UNKNOWN_SLOT)
      this.#slots.set(slots, known)
    }
    this.#current = slots
    this.#currentSlots = known
    return known
  }

  #lookUp(slots: FieldSlots, path: number, kind: number): number {
    const slot = slots.slotOf(this.#batch.paths[path] as string, kind)
    this.#currentSlots[path * KINDS + kind] = slot
    return slot
  }

  #text(index: number): string {
    let text = this.#texts[index]
    if (text === undefined) {
      text = toState(this.#batch.text(index))
      this.#texts[index] = text
    }
    return text
  }
}

const KINDS = 3

/** Adds fields that were found in raw bytes. */
export function addFieldValues(
  fields: readonly FieldValue[],
  slots: FieldSlots,
  statistics: FieldStatistics,
  timestamp: number,
  sequence: number,
): void {
  for (const [path, value] of fields) {
    const kind =
      typeof value === 'number' ? FIELD_NUMBER : typeof value === 'boolean' ? FIELD_BOOLEAN : FIELD_TEXT
    const slot = slots.slotOf(path, kind)
    if (slot === NOT_INDEXED) continue
    if (typeof value === 'number') {
      if (Number.isFinite(value)) statistics.addNumber(slot, value, timestamp, sequence)
    } else {
      statistics.addState(slot, toState(String(value)), timestamp, sequence)
    }
  }
}

/** A text as it is kept in the pyramid. */
export function toState(text: string): string {
  return text.length <= MAX_STATE_LENGTH ? text : text.slice(0, MAX_STATE_LENGTH)
}
