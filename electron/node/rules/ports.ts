import type { RuleMessage } from './evaluator/rule-message.ts'

/** Where the next page begins; only the source knows what is in it. */
export type RuleCursor = object

export interface RulePage {
  messages: RuleMessage[]
  /** Null when there is nothing more up to the asked time. */
  next: RuleCursor | null
}

export interface RuleRead {
  part: string
  /** Message time of the first and of the last, ms, inclusive. */
  from: number
  to: number
  /** Null for the first page. */
  cursor: RuleCursor | null
  limit: number
  /** Whether content is parsed, and messages without a good signature are read. */
  needsContent: boolean
  needsUnproven: boolean
}

/** Stored messages as rules read them, on the thread that judges. */
export interface RuleSource {
  /** Messages in the order of message time. */
  read(read: RuleRead): RulePage
  close(): void
}

/** Seals what must not lie open on disk; the hosts bring the system's key store, or a file's mode. */
export interface SecretBox {
  seal(secret: Uint8Array): Promise<Uint8Array>
  open(sealed: Uint8Array): Promise<Uint8Array>
}
