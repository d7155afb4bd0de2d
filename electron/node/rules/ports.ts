import type { RuleMessage } from './evaluator/rule-message.ts'

/** Where the next page begins; only the source knows what is in it. */
export type RuleCursor = object

export interface RulePage {
  messages: RuleMessage[]
  /** Null when there is nothing more up to the asked time. */
  next: RuleCursor | null
}

/** Stored messages as rules read them, on the thread that judges. */
export interface RuleSource {
  /**
   * Messages of all verdicts in the order of message time.
   * @param from message time of the first, ms, inclusive; `to` likewise of the last
   */
  read(part: string, from: number, to: number, cursor: RuleCursor | null, limit: number): RulePage
  /** Publishers of the newest messages of a stretch, each once; of at most `limit` messages. */
  publishersIn(part: string, from: number, to: number, limit: number): string[]
  close(): void
}

/** Seals what must not lie open on disk; the hosts bring the system's key store, or a file's mode. */
export interface SecretBox {
  seal(secret: Uint8Array): Promise<Uint8Array>
  open(sealed: Uint8Array): Promise<Uint8Array>
}
