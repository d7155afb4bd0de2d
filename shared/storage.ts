import type { MessageRef } from './message.ts'

/** What the portal shows of this node as a storage node: registration, assignments, gap filling. */

export interface Sentence {
  message: string
  remedy: string
}

/** What a transaction would cost now; amounts are wei as decimal text. */
export interface TransactionCost {
  gasUnits: number
  /** The most it can cost at current prices. */
  feeWei: string
  /** What the node's account has. */
  balanceWei: string
}

export interface RegistrationView {
  /**
   * `unknown`: the chain was not asked yet or does not answer. `unconfirmed`: the registry has no or other addresses
   * of this node, and the change waits for its operator. `registered`: the registry has the node's present addresses.
   */
  state: 'unknown' | 'absent' | 'unconfirmed' | 'writing' | 'registered'
  /** Addresses the node is reached at now. */
  urls: readonly string[]
  multiaddrs: readonly string[]
  /** What the change would cost; set when `unconfirmed` and the chain could say. */
  cost: TransactionCost | null
  problem: Sentence | null
}

export interface AssignedPartView {
  part: string
  /** `joining`: on its way. `stored`: what arrives is kept. `refused`: beyond this node's bound. */
  state: 'joining' | 'stored' | 'failing' | 'refused'
  problem: Sentence | null
}

export interface StoragePresenceView {
  registration: RegistrationView
  assignments: AssignedPartView[]
  /** When the assignments were last read from the registry, ms since the epoch. */
  assignmentsReadAt: number | null
}

/** A gap in a message chain and what is done about it. */
export interface GapFillView {
  part: string
  publisher: string
  chain: string
  /** The predecessor that was named and is not stored. */
  missing: MessageRef
  /** `waiting` for its next turn, `asking` other storage nodes, or `given-up` until somebody asks again. */
  state: 'waiting' | 'asking' | 'given-up'
  attempts: number
  /** Ms since the epoch; `null` when none is planned. */
  nextAttemptAt: number | null
  /** What came of the last attempt, or why none was made. */
  sentence: string
}

export interface GapFillSummary {
  waiting: number
  givenUp: number
  /** Since the start of the node. */
  filled: number
  /** Messages that came from other storage nodes and were new, since the start of the node. */
  messages: number
}
