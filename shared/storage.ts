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
