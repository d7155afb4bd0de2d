import { CellEncoder } from '../riblt/cell-encoder.ts'
import { decodeCells, encodeCells } from '../riblt/cells.ts'
import { DifferenceDecoder, type SetDifference } from '../riblt/difference-decoder.ts'
import { type DifferenceEstimate, estimateDifference } from '../riblt/difference-estimate.ts'
import {
  decodeGolombSet,
  encodeGolombSet,
  type GolombSet,
  indexOfNumber,
  scaledIds,
} from '../riblt/golomb-set.ts'
import type { SessionKey, ShortIds } from '../riblt/short-ids.ts'
import { bitmapOf, isInBitmap } from '../wire/bitmap.ts'
import { type PrefixColumns, pickRows, shortIdsOf } from './digest-columns.ts'

/** Messages of a set that were picked out: where they stand in time, and in which row of the set. */
export interface PickedMessages extends PrefixColumns {
  /** Ascending. */
  readonly rows: Uint32Array
}

/** How far decoding has come. */
export type DecodeStep =
  | { readonly kind: 'decoded'; readonly lacking: ShortIds; readonly surplus: PickedMessages }
  | { readonly kind: 'undecoded'; readonly estimate: DifferenceEstimate | undefined }

/** What a peer's list of ids says. */
export interface ListMatch {
  /** Positions in the list of ids that are not in the set, as a bitmap, and how many. */
  readonly positions: Uint8Array
  readonly lacking: number
  /** The numbers at those positions, ascending. */
  readonly numbers: Float64Array
  readonly surplus: PickedMessages
}

/** What the asker names: ids in a coded set, or positions in the list that was sent. */
export type Naming =
  | { readonly kind: 'names'; readonly names: GolombSet }
  | { readonly kind: 'positions'; readonly positions: Uint8Array }

/** One side's messages of a session, under its short ids: makes its sketch or list, or compares with the peer's. */
export class DigestSet {
  readonly #columns: readonly PrefixColumns[]
  readonly #ids: ShortIds
  #encoder: CellEncoder | undefined
  #decoder: DifferenceDecoder | undefined
  #list: GolombSet | undefined

  /** @param columns of different messages, ascending by time throughout. */
  constructor(key: SessionKey, columns: readonly PrefixColumns[]) {
    this.#columns = columns
    this.#ids = shortIdsOf(key, columns)
  }

  get size(): number {
    return this.#ids.low.length
  }

  /** The sketch's next cells up to `total`, as on the wire. @throws RangeError out of bounds. */
  cellsTo(total: number): Uint8Array {
    this.#encoder ??= new CellEncoder(this.#ids)
    return encodeCells(this.#encoder.extendTo(total))
  }

  /**
   * Takes the next cells of the peer's sketch, up to `total`.
   * @param remoteSize how many ids the peer's set has.
   * @throws {SketchInvalid} when they are not those of any set.
   * @throws RangeError when they are not whole or too many.
   */
  addCells(bytes: Uint8Array, total: number, remoteSize: number): DecodeStep {
    this.#decoder ??= new DifferenceDecoder(this.#ids)
    const difference = this.#decoder.add(decodeCells(bytes, this.#decoder.length, total))
    if (difference !== undefined) return this.#decoded(difference)
    const estimate = estimateDifference(this.#decoder.countDifferences, remoteSize - this.size)
    return { kind: 'undecoded', estimate }
  }

  /** The set's ids as a coded list. @throws RangeError for too many. */
  list(bits: number): GolombSet {
    this.#list = encodeGolombSet(this.#ids, bits)
    return this.#list
  }

  /** Compares with the peer's list. @throws RangeError when it is not one. */
  matchList(list: GolombSet): ListMatch {
    const theirs = decodeGolombSet(list)
    const held = new Uint8Array(theirs.length)
    const surplusRows: number[] = []
    for (const [row, number] of scaledIds(this.#ids, list.count, list.bits).entries()) {
      const index = indexOfNumber(theirs, number)
      if (index < 0) surplusRows.push(row)
      else held[index] = 1
    }
    const numbers = theirs.filter((_, index) => held[index] === 0)
    return {
      positions: bitmapOf(theirs.length, (index) => held[index] === 0),
      lacking: numbers.length,
      numbers,
      surplus: this.#pick(Uint32Array.from(surplusRows)),
    }
  }

  /** The messages a peer named. @throws RangeError when it did not name anything that could be read. */
  select(naming: Naming): PickedMessages {
    const [count, bits, wanted] = this.#wantedNumbers(naming)
    const rows: number[] = []
    for (const [row, number] of scaledIds(this.#ids, count, bits).entries()) {
      if (indexOfNumber(wanted, number) >= 0) rows.push(row)
    }
    return this.#pick(Uint32Array.from(rows))
  }

  #wantedNumbers(naming: Naming): [count: number, bits: number, numbers: Float64Array] {
    if (naming.kind === 'names') {
      return [naming.names.count, naming.names.bits, decodeGolombSet(naming.names)]
    }
    if (this.#list === undefined) throw new RangeError('Positions of a list that was not sent.')
    const numbers = decodeGolombSet(this.#list).filter((_, index) => isInBitmap(naming.positions, index))
    return [this.#list.count, this.#list.bits, numbers]
  }

  #decoded({ lacking, surplusRows }: SetDifference): DecodeStep {
    return { kind: 'decoded', lacking, surplus: this.#pick(surplusRows.sort()) }
  }

  #pick(rows: Uint32Array): PickedMessages {
    return { rows, ...pickRows(this.#columns, rows) }
  }
}
