import { FINEST_MS } from '../pyramid/levels.ts'
import { BatchTally } from './batch-tally.ts'
import type { ChainState } from './chain-state.ts'
import { FORGED, isSignatureProven, type MessageKey, PENDING, UNAUTHORISED } from './message-entry.ts'
import type { DecidableRow } from './message-table.ts'
import { addToTotals, type MessageWriter } from './message-writer.ts'
import type { NameTable } from './name-table.ts'
import type { PartState, PartStates, PublisherState } from './part-state.ts'
import { copyOf, toEntry, type UnprovenRow } from './unproven-table.ts'

/** A verdict on one stored content of one message. */
export interface Decision {
  part: string
  key: MessageKey
  verdict: number
  reason: number
  /** Raw bytes of the copy that was checked; needed only where several undecided copies are stored. */
  raw: Uint8Array | undefined
}

/** Changes verdicts, and everything in the pyramid and the chains that follows from them. */
export class Decider {
  readonly #parts: PartStates
  readonly #writer: MessageWriter
  readonly #publishers: NameTable
  readonly #chainNames: NameTable

  constructor(parts: PartStates, writer: MessageWriter, publishers: NameTable, chains: NameTable) {
    this.#parts = parts
    this.#writer = writer
    this.#publishers = publishers
    this.#chainNames = chains
  }

  /**
   * Applies a decision. What is not stored (any more) is passed over; so is a verdict that says of a message whose
   * signature was checked that it was not signed: a signature that was good once stays so.
   */
  decide(decision: Decision, tally: BatchTally): void {
    const part = this.#parts.find(decision.part)
    const publisherId = this.#publishers.find(decision.key.publisher)
    const chain = this.#chainNames.find(decision.key.chain)
    if (part === undefined) return
    if (publisherId !== undefined && chain !== undefined) {
      const stored = this.#writer.messages.find(part.id, publisherId, chain, decision.key)
      if (stored !== undefined) {
        this.#parts.touch(part.name)
        this.#decideProven(part, this.#parts.publisher(part, publisherId), chain, stored, decision, tally)
        return
      }
    }
    const copy = this.#undecidedCopy(part, decision)
    if (copy === undefined) return
    this.#parts.touch(part.name)
    this.#decideCopy(part, copy, decision, tally)
  }

  #decideProven(
    part: PartState,
    publisher: PublisherState,
    chain: number,
    stored: DecidableRow,
    { key, verdict, reason }: Decision,
    tally: BatchTally,
  ): void {
    if (!isSignatureProven(verdict, reason)) return
    if (stored.verdict === verdict && stored.reason === reason) return
    this.#writer.messages.setVerdict(part.id, publisher.id, chain, key, verdict, reason)
    tally.part(part.name).addDecided(verdict, key.timestamp)
    if (stored.verdict === verdict) return

    const partChange = part.buckets.changeAt(key.timestamp)
    partChange.addMessage(stored.verdict, stored.sizeBytes, key.digest, -1)
    partChange.addMessage(verdict, stored.sizeBytes, key.digest, 1)
    const publisherChange = publisher.buckets.changeAt(key.timestamp)
    publisherChange.addCount(stored.verdict, -1)
    publisherChange.addCount(verdict, 1)
    addToTotals(part, stored.verdict, stored.sizeBytes, -1)
    addToTotals(part, verdict, stored.sizeBytes, 1)
    if ((stored.verdict === UNAUTHORISED) === (verdict === UNAUTHORISED)) return
    publisher.staleBuckets.add(Math.floor(key.timestamp / FINEST_MS))
    const state = this.#writer.chainState(part, publisher, chain)
    if (state !== undefined) this.#relink(part, publisher, state, key, tally)
  }

  /** Finds anew which predecessors the messages of one id name: those that are not unauthorised are witnesses. */
  #relink(
    part: PartState,
    publisher: PublisherState,
    state: ChainState,
    key: MessageKey,
    tally: BatchTally,
  ): void {
    const { chains, messages } = this.#writer
    this.#writer.applyGapChanges(
      part,
      publisher,
      state,
      chains.withdraw(part.id, publisher.id, state, key),
      tally,
    )
    for (const row of messages.sameId(part.id, publisher.id, state.chain, key)) {
      const { previousTimestamp, previousSequence } = row
      if (row.verdict === UNAUTHORISED || previousTimestamp === null || previousSequence === null) continue
      if (previousTimestamp < part.droppedBefore) continue
      const missing = { timestamp: previousTimestamp, sequence: previousSequence }
      const named = chains.name(part.id, publisher.id, state, missing, key)
      this.#writer.applyGapChanges(part, publisher, state, named, tally)
    }
  }

  /** The undecided copy a decision is about; none when it does not say which of several. */
  #undecidedCopy(part: PartState, { key, raw }: Decision): UnprovenRow | undefined {
    const copies = this.#writer.unproven.copies(part.id, key).filter(({ verdict }) => verdict === PENDING)
    if (raw === undefined) return copies.length === 1 ? copies[0] : undefined
    const wanted = copyOf(raw)
    return copies.find(({ copy }) => wanted.equals(copy))
  }

  #decideCopy(
    part: PartState,
    row: UnprovenRow,
    { key, verdict, reason }: Decision,
    tally: BatchTally,
  ): void {
    if (verdict === PENDING && !isSignatureProven(verdict, reason)) {
      if (row.reason !== reason) this.#writer.unproven.setVerdict(part.id, row, verdict, reason)
      return
    }
    const publisher = this.#parts.publisher(part, this.#publishers.intern(row.publisher))
    const entry = { ...toEntry(row), verdict, reason }
    const isOnly =
      this.#writer.unproven.copies(part.id, key).filter((copy) => copy.verdict === PENDING).length === 1
    const fieldsStay = verdict !== FORGED && verdict !== UNAUTHORISED && isOnly
    this.#writer.unproven.delete(part.id, row)
    this.#writer.removeUndecided(part, publisher, row, fieldsStay)
    // Its own tally: the message changes its place, it is not stored a second time.
    const scratch = new BatchTally()
    if (verdict === FORGED) this.#writer.writeForged(part, entry, scratch)
    else this.#writer.writeProven(part, entry, () => undefined, scratch)
    tally.equivocations += scratch.equivocations
    tally.part(part.name).addDecided(verdict, key.timestamp)
  }
}
