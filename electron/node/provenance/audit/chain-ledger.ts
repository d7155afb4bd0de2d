import type { ChainRow } from '../../../../shared/audit-report.ts'
import type { MessageRef } from '../../../../shared/message.ts'
import { compareMessageRefs } from '../../message/order.ts'
import { MAX_CHAINS } from './limits.ts'

/** One message of a chain whose signature is good, in the order of the chain. */
export interface ChainStep {
  publisher: string
  chain: string
  ref: MessageRef
  previous: MessageRef | undefined
  /** The publisher might publish: only then does a missing predecessor count. */
  verified: boolean
}

/** `gap`: the predecessor is missing. `fork`: it was followed by another already, or none is named in the middle. */
export type ChainFault = { kind: 'gap'; missing: MessageRef } | { kind: 'fork' }

type Entry = Omit<ChainRow, 'publisher' | 'chain' | 'complete'>

export interface ChainLedgerState {
  chains: [publisher: string, chain: string, entry: Entry][]
  leftOut: number
}

/** Follows each publisher's own chains through a range and says what they name and never show. */
export class ChainLedger {
  readonly #from: number
  readonly #chains = new Map<string, { publisher: string; chain: string; entry: Entry }>()
  #leftOut = 0

  /** @param from first moment of the range, ms */
  constructor(from: number, state?: ChainLedgerState) {
    this.#from = from
    if (state === undefined) return
    this.#leftOut = state.leftOut
    for (const [publisher, chain, entry] of state.chains) {
      this.#chains.set(keyOf(publisher, chain), { publisher, chain, entry })
    }
  }

  /** @returns what is wrong between this message and the one before; undefined when nothing is */
  follow(step: ChainStep): ChainFault | undefined {
    const known = this.#chains.get(keyOf(step.publisher, step.chain))
    if (known === undefined) {
      this.#begin(step)
      return undefined
    }
    const { entry } = known
    // Another content under the id that was just followed: equivocation, and no step of the chain.
    if (compareMessageRefs(step.ref, entry.last) === 0) return undefined
    const fault = faultBetween(entry.last, step.previous)
    entry.messages += 1
    entry.last = { ...step.ref }
    if (!step.verified) return undefined
    if (fault?.kind === 'gap') entry.gaps += 1
    if (fault?.kind === 'fork') entry.forks += 1
    return fault
  }

  /** Rows with faults first, then in the order of publishers, starts and names. */
  rows(): ChainRow[] {
    const rows = [...this.#chains.values()].map(
      ({ publisher, chain, entry }): ChainRow => ({
        publisher,
        chain,
        messages: entry.messages,
        first: entry.first,
        last: entry.last,
        begins: entry.begins,
        gaps: entry.gaps,
        forks: entry.forks,
        complete: entry.gaps === 0 && entry.forks === 0,
      }),
    )
    return rows.sort(
      (a, b) =>
        b.gaps + b.forks - (a.gaps + a.forks) ||
        compareText(a.publisher, b.publisher) ||
        compareMessageRefs(a.first, b.first) ||
        compareText(a.chain, b.chain),
    )
  }

  /** Chains that were not followed because there were too many. */
  get leftOut(): number {
    return this.#leftOut
  }

  state(): ChainLedgerState {
    const chains = [...this.#chains.values()].map(({ publisher, chain, entry }): [string, string, Entry] => [
      publisher,
      chain,
      entry,
    ])
    return { chains, leftOut: this.#leftOut }
  }

  #begin({ publisher, chain, ref, previous, verified }: ChainStep): void {
    // Anybody can sign a chain of their own; only whoever may publish makes this node remember one.
    if (!verified) return
    if (this.#chains.size >= MAX_CHAINS) {
      this.#leftOut += 1
      return
    }
    const begins =
      previous === undefined
        ? 'first-message'
        : previous.timestamp < this.#from
          ? 'before-range'
          : 'before-held'
    const entry: Entry = { messages: 1, first: { ...ref }, last: { ...ref }, begins, gaps: 0, forks: 0 }
    this.#chains.set(keyOf(publisher, chain), { publisher, chain, entry })
  }
}

function faultBetween(last: MessageRef, previous: MessageRef | undefined): ChainFault | undefined {
  if (previous === undefined) return { kind: 'fork' }
  const distance = compareMessageRefs(previous, last)
  if (distance === 0) return undefined
  return distance > 0 ? { kind: 'gap', missing: previous } : { kind: 'fork' }
}

/** A publisher is hex and cannot hold a space, so that two pairs never share a key. */
function keyOf(publisher: string, chain: string): string {
  return `${publisher} ${chain}`
}

/** Order that no locale changes. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
