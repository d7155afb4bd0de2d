import type { MessageRef } from '../../../../shared/message.ts'

/** A stored message as rules look at it, in the order of message time. */
export interface RuleMessage extends MessageRef {
  publisher: string
  chain: string
  previous: MessageRef | undefined
  /** Code of `shared/verdict.ts`. */
  verdict: number
  /** Its publisher was there then, ms: when it came from the network; its own time where another node had it. */
  aliveAt: number
  /** The signature is the publisher's, whether or not the publisher may publish. */
  isSigned: boolean
  equivocation: boolean
  /** Parsed JSON content; undefined where there is none. */
  content: unknown
  /** It is encrypted with a key that is not known: nothing can be said of its content. */
  isClosed: boolean
  sizeBytes: number
}
