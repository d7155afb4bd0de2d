import {
  MAX_FORGED_PER_PART,
  MAX_FUTURE_MS,
  MAX_HELD_PER_PART,
  MAX_UNAUTHORISED_PER_PART,
  MAX_UNDECIDED_PER_PART,
} from '../limits.ts'
import type { FieldStatistics } from '../pyramid/field-statistics.ts'
import { FINEST_MS } from '../pyramid/levels.ts'
import type { SqlConnection } from '../sql-connection.ts'
import type { BatchTally } from './batch-tally.ts'
import { type ChainState, ChainStates, type GapChange, isAfterLast } from './chain-state.ts'
import {
  FORGED,
  hasPredecessor,
  isSignatureProven,
  type MessageEntry,
  type MessageKey,
  PENDING,
  UNAUTHORISED,
  VERIFIED,
} from './message-entry.ts'
import type { MessageTable } from './message-table.ts'
import type { NameTable } from './name-table.ts'
import type { PartState, PartStates, PublisherState } from './part-state.ts'
import { UnprovenTable } from './unproven-table.ts'

/** When the bound of forged messages is passed by this share, the excess goes at once: not one deletion each. */
const EVICTION_SHARE = 8

export interface DecidedAgain {
  part: string
  key: MessageKey
  verdict: number
  reason: number
}

/** Adds the fields of the message at hand to the statistics of a bucket. */
export type AddFields = (statistics: FieldStatistics) => void

/**
 * Puts messages into the tables and into the pyramid of the running transaction: which table a message belongs to,
 * whether it is new, what it does to its chain, and in which buckets it counts.
 */
export class MessageWriter {
  readonly messages: MessageTable
  readonly chains: ChainStates
  readonly unproven: UnprovenTable
  readonly held: UnprovenTable
  readonly #parts: PartStates
  readonly #publishers: NameTable
  readonly #chainNames: NameTable
  readonly #decidedAgain: DecidedAgain[] = []
  readonly #dirtyChains = new Map<ChainState, [part: number, publisher: number]>()

  constructor(
    db: SqlConnection,
    messages: MessageTable,
    parts: PartStates,
    publishers: NameTable,
    chains: NameTable,
  ) {
    this.messages = messages
    this.chains = new ChainStates(db, messages)
    this.unproven = new UnprovenTable(db, 'unproven')
    this.held = new UnprovenTable(db, 'held')
    this.#parts = parts
    this.#publishers = publishers
    this.#chainNames = chains
  }

  /**
   * Stores a message that comes from outside.
   * @param addFields called only where the fields count: verified and pending messages that are new
   * @param now time with which the message's timestamp is compared, ms
   */
  write(part: PartState, entry: MessageEntry, now: number, addFields: AddFields, tally: BatchTally): void {
    const isBounded = entry.verdict === UNAUTHORISED && part.totals.unauthorised >= MAX_UNAUTHORISED_PER_PART
    if (isBounded || entry.timestamp < part.droppedBefore) tally.declined += 1
    else if (entry.timestamp > now + MAX_FUTURE_MS) this.#hold(part, entry, tally)
    else if (entry.verdict === FORGED) this.writeForged(part, entry, tally)
    else if (isSignatureProven(entry.verdict, entry.reason)) this.writeProven(part, entry, addFields, tally)
    else this.#writeUndecided(part, entry, addFields, tally)
  }

  /** Stores a message that its publisher signed. */
  writeProven(part: PartState, entry: MessageEntry, addFields: AddFields, tally: BatchTally): void {
    const { timestamp, verdict } = entry
    const { totals } = part
    const publisher = this.#parts.publisher(part, this.#publishers.intern(entry.publisher))
    const chain = this.#chainNames.intern(entry.chain)
    const state = this.chainState(part, publisher, chain)
    const isNewest = state === undefined || isAfterLast(state, entry)
    const { isNew, rivals } = this.messages.insert(part.id, publisher.id, chain, entry, isNewest)
    if (!isNew) {
      tally.part(part.name).duplicates += 1
      if (totals.pending > 0 && verdict !== PENDING) this.#noteDecided(part, publisher, chain, entry)
      return
    }
    if (part.undecided > 0) this.#deleteUndecidedCopies(part, publisher, entry)

    const partChange = part.buckets.changeAt(timestamp)
    const publisherChange = publisher.buckets.changeAt(timestamp)
    partChange.addMessage(verdict, entry.raw.length, entry.digest, 1)
    publisherChange.addCount(verdict, 1)
    if (verdict !== UNAUTHORISED) addFields(publisherChange.fields)
    addToTotals(part, verdict, entry.raw.length, 1)
    if (totals.lastReceivedAt === null || entry.receivedAt > totals.lastReceivedAt) {
      totals.lastReceivedAt = entry.receivedAt
    }
    if (rivals > 0) {
      partChange.equivocations += 1
      totals.equivocations += 1
      tally.equivocations += 1
    }
    tally.part(part.name).addStored(verdict, timestamp)
    this.#link(part, publisher, chain, state, entry, isNewest, tally)
  }

  writeForged(part: PartState, entry: MessageEntry, tally: BatchTally): void {
    if (!this.unproven.insert(part.id, entry)) {
      tally.part(part.name).duplicates += 1
      return
    }
    part.buckets.changeAt(entry.timestamp).addCount(FORGED, entry.raw.length, 1)
    addToTotals(part, FORGED, entry.raw.length, 1)
    tally.part(part.name).addStored(FORGED, entry.timestamp)
    const excess = part.totals.forged - MAX_FORGED_PER_PART
    if (excess < MAX_FORGED_PER_PART / EVICTION_SHARE) return
    for (const evicted of this.unproven.oldest(part.id, FORGED, excess)) {
      this.unproven.delete(part.id, evicted)
      part.buckets.changeAt(evicted.timestamp).addCount(FORGED, evicted.raw.length, -1)
      addToTotals(part, FORGED, evicted.raw.length, -1)
    }
  }

  /** State of a chain, from memory or disk; undefined when nothing of it is stored. */
  chainState(part: PartState, publisher: PublisherState, chain: number): ChainState | undefined {
    const known = publisher.chains.get(chain)
    if (known !== undefined) return known
    const state = this.chains.load(part.id, publisher.id, chain)
    if (state !== undefined) publisher.chains.set(chain, state)
    return state
  }

  /** Counts gaps that began or ceased to show. */
  applyGapChanges(
    part: PartState,
    publisher: PublisherState,
    state: ChainState,
    changes: readonly GapChange[],
    tally: BatchTally,
  ): void {
    for (const { namedByTimestamp, change } of changes) {
      part.buckets.changeAt(namedByTimestamp).gaps += change
      publisher.buckets.changeAt(namedByTimestamp).gaps += change
      part.totals.gaps += change
      tally.part(part.name).addTouched(namedByTimestamp)
    }
    if (state.isDirty) this.#dirtyChains.set(state, [part.id, publisher.id])
  }

  /** Takes away one undecided copy; its fields are found anew from what remains, unless they stay the same. */
  removeUndecided(
    part: PartState,
    publisher: PublisherState,
    copy: { timestamp: number; raw: Uint8Array },
    fieldsStay: boolean,
  ): void {
    part.undecided -= 1
    addToTotals(part, PENDING, copy.raw.length, -1)
    part.buckets.changeAt(copy.timestamp).addCount(PENDING, copy.raw.length, -1)
    publisher.buckets.changeAt(copy.timestamp).addCount(PENDING, -1)
    if (!fieldsStay) publisher.staleBuckets.add(Math.floor(copy.timestamp / FINEST_MS))
  }

  /** Messages stored as pending that came again with a verdict, since the last call. */
  takeDecided(): DecidedAgain[] {
    return this.#decidedAgain.splice(0)
  }

  /** Writes the chain states changed in this transaction. */
  flush(): void {
    for (const [state, [part, publisher]] of this.#dirtyChains) this.chains.save(part, publisher, state)
    this.#dirtyChains.clear()
  }

  /** Forgets what belongs to a transaction that was rolled back. */
  clear(): void {
    this.#dirtyChains.clear()
    this.#decidedAgain.length = 0
  }

  #noteDecided(part: PartState, publisher: PublisherState, chain: number, entry: MessageEntry): void {
    if (this.messages.find(part.id, publisher.id, chain, entry)?.verdict !== PENDING) return
    const { timestamp, sequence, verdict, reason } = entry
    // The entry is reused for the next message of the batch, and its bytes belong to the batch.
    this.#decidedAgain.push({
      part: part.name,
      key: {
        timestamp,
        sequence,
        publisher: entry.publisher,
        chain: entry.chain,
        digest: Buffer.from(entry.digest),
      },
      verdict,
      reason,
    })
  }

  #link(
    part: PartState,
    publisher: PublisherState,
    chain: number,
    known: ChainState | undefined,
    entry: MessageEntry,
    isNewest: boolean,
    tally: BatchTally,
  ): void {
    const { timestamp, sequence, previousTimestamp, previousSequence } = entry
    const state = known ?? newChainState(chain, timestamp, sequence)
    if (known === undefined) publisher.chains.set(chain, state)
    const isLinked = previousTimestamp === state.lastTimestamp && previousSequence === state.lastSequence
    if (isNewest) {
      state.lastTimestamp = timestamp
      state.lastSequence = sequence
      state.isDirty = true
    } else {
      const filled = this.chains.fill(part.id, publisher.id, state, entry)
      if (filled.length > 0) this.applyGapChanges(part, publisher, state, filled, tally)
    }
    const isWitness = entry.verdict !== UNAUTHORISED && previousTimestamp >= part.droppedBefore
    if (!isLinked && isWitness && hasPredecessor(entry)) {
      const missing = { timestamp: previousTimestamp, sequence: previousSequence }
      const named = this.chains.name(part.id, publisher.id, state, missing, entry)
      if (named.length > 0) this.applyGapChanges(part, publisher, state, named, tally)
    }
    if (state.isDirty) this.#dirtyChains.set(state, [part.id, publisher.id])
  }

  /** The genuine message is stored: copies of it whose signature was still to be checked have no further use. */
  #deleteUndecidedCopies(part: PartState, publisher: PublisherState, entry: MessageEntry): void {
    for (const copy of this.unproven.copies(part.id, entry)) {
      if (copy.verdict !== PENDING) continue
      this.unproven.delete(part.id, copy)
      this.removeUndecided(part, publisher, copy, false)
    }
  }

  #writeUndecided(part: PartState, entry: MessageEntry, addFields: AddFields, tally: BatchTally): void {
    const publisherId = this.#publishers.find(entry.publisher)
    const chain = this.#chainNames.find(entry.chain)
    const isStored =
      publisherId !== undefined &&
      chain !== undefined &&
      this.messages.find(part.id, publisherId, chain, entry) !== undefined
    if (!isStored && part.undecided >= MAX_UNDECIDED_PER_PART) {
      tally.declined += 1
      return
    }
    if (isStored || !this.unproven.insert(part.id, entry)) {
      tally.part(part.name).duplicates += 1
      return
    }
    const publisher = this.#parts.publisher(part, this.#publishers.intern(entry.publisher))
    part.undecided += 1
    part.buckets.changeAt(entry.timestamp).addCount(PENDING, entry.raw.length, 1)
    const change = publisher.buckets.changeAt(entry.timestamp)
    change.addCount(PENDING, 1)
    addFields(change.fields)
    addToTotals(part, PENDING, entry.raw.length, 1)
    tally.part(part.name).addStored(PENDING, entry.timestamp)
  }

  #hold(part: PartState, entry: MessageEntry, tally: BatchTally): void {
    if (part.held >= MAX_HELD_PER_PART) {
      tally.declined += 1
    } else if (this.held.insert(part.id, entry)) {
      part.held += 1
      tally.held += 1
    } else {
      tally.part(part.name).duplicates += 1
    }
  }
}

/** Adds a message to the figures of its part, or takes it away. */
export function addToTotals(part: PartState, verdict: number, sizeBytes: number, sign: 1 | -1): void {
  const { totals } = part
  totals.bytes += sign * sizeBytes
  if (verdict === VERIFIED) totals.verified += sign
  else if (verdict === PENDING) totals.pending += sign
  else if (verdict === UNAUTHORISED) totals.unauthorised += sign
  else totals.forged += sign
}

function newChainState(chain: number, timestamp: number, sequence: number): ChainState {
  return {
    chain,
    firstTimestamp: timestamp,
    firstSequence: sequence,
    lastTimestamp: timestamp,
    lastSequence: sequence,
    gaps: 0,
    open: [],
    isDirty: true,
  }
}
