import type { MessageRef } from '../../../../shared/message.ts'
import { PAGE_SCANNED_ROWS } from '../limits.ts'
import type { PageCursor } from './page-reader.ts'
import { boundsOf, isSparse, positionBehind, rangeSql, type Selection } from './query-plan.ts'
import type { SparseStretches } from './sparse-stretches.ts'
import type { Statements } from './statements.ts'

const COUNTED_COLUMNS = 'timestamp, sequence, verdict, chain'

/** How far the search for the newest n messages has come. */
export interface LastSearch {
  /** The newest position not looked at yet; null when everything was. */
  at: MessageRef | null
  /** Matching messages at and behind positions looked at. */
  counted: number
  /** Set when the n-th newest message was found: an ascending read from here delivers n messages. */
  start: PageCursor | null
}

/**
 * Finds where the newest n messages of a selection begin, from the newest backwards. One call looks at a bounded
 * number of rows, so that a long search neither holds a reader nor outlives its caller.
 */
export class LastStart {
  readonly #statements: Statements
  readonly #sparse: SparseStretches

  constructor(statements: Statements, sparse: SparseStretches) {
    this.#statements = statements
    this.#sparse = sparse
  }

  search(ascending: Selection, count: number, search: LastSearch): LastSearch {
    const selection = { ...ascending, descending: true }
    let { at, counted } = search
    for (let scanned = 0; at !== null && scanned < PAGE_SCANNED_ROWS; ) {
      const stretch = isSparse(selection)
        ? this.#sparse.next(selection, at)
        : { from: selection.from, to: at }
      if (stretch === null) return { at: null, counted, start: null }
      const sql = rangeSql(selection, this.#statements.dialect, COUNTED_COLUMNS)
      const bounds = boundsOf(selection, stretch.from, stretch.to)
      /** Matching messages of the position that is being looked at. */
      let here = 0
      let position: MessageRef | null = null
      const limit = Math.max(PAGE_SCANNED_ROWS - scanned, 1)
      let read = 0
      for (const [timestamp, sequence, verdict, chain] of this.#statements
        .rows<[number, number, number, number | string]>(sql)
        .iterate(...bounds, limit)) {
        read += 1
        if (position === null || position.timestamp !== timestamp || position.sequence !== sequence) {
          if (counted + here >= count && position !== null) return found(position, counted + here - count)
          counted += here
          here = 0
          position = { timestamp, sequence }
        }
        const isWanted = (selection.verdicts & (1 << verdict)) !== 0
        const isOfChain =
          selection.chain === undefined || chain === selection.chain.id || chain === selection.chain.name
        if (isWanted && isOfChain) here += 1
      }
      scanned += read
      const isCut = read === limit
      if (isCut && position !== null && !isSameRef(position, stretch.to)) {
        // The position at the cut may go on: it is looked at again, from its beginning.
        at = position
        continue
      }
      if (isCut && position !== null) return this.#countGroup(selection, position, count, counted)
      if (counted + here >= count && position !== null) return found(position, counted + here - count)
      counted += here
      at = positionBehind(selection, stretch.from)
    }
    return { at, counted, start: null }
  }

  /** A position with more messages than one search looks at: counted by a statement of its own. */
  #countGroup(selection: Selection, position: MessageRef, count: number, counted: number): LastSearch {
    const { dialect } = this.#statements
    const sql = rangeSql(selection, dialect, COUNTED_COLUMNS).replace(/ ORDER BY .*$/, '')
    const wanted = [0, 1, 2, 3].filter((verdict) => (selection.verdicts & (1 << verdict)) !== 0).join(', ')
    const { chain, unproven } = selection
    const ofNumber = `chain = ${unproven ? dialect.numberAmongNames('CAST(? AS BIGINT)') : '?'}`
    const ofChain = chain === undefined ? '' : unproven ? `AND (${ofNumber} OR chain = ?)` : `AND ${ofNumber}`
    const here =
      this.#statements.value<number>(
        `SELECT count(*) FROM (${sql}) AS here WHERE verdict IN (${wanted}) ${ofChain}`,
        ...boundsOf(selection, position, position),
        ...(chain === undefined ? [] : unproven ? [chain.id, chain.name] : [chain.id]),
      ) ?? 0
    if (counted + here >= count) return found(position, counted + here - count)
    return { at: positionBehind(selection, position), counted: counted + here, start: null }
  }
}

function found(position: MessageRef, skip: number): LastSearch {
  return { at: null, counted: 0, start: { ...position, key: null, skip } }
}

function isSameRef(a: MessageRef, b: MessageRef): boolean {
  return a.timestamp === b.timestamp && a.sequence === b.sequence
}
