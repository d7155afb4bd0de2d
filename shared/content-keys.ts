/** A group key that encrypted messages name and this node does not have, and what is done about it. */
export interface MissingKeyView {
  part: string
  publisher: string
  id: string
  /**
   * `waiting` for its next turn, `asking` the publisher, or `not-permitted`: this node's identity may not subscribe to
   * the stream, so that its messages are kept and verified, and stay closed.
   */
  state: 'waiting' | 'asking' | 'not-permitted'
  attempts: number
  /** Ms since the epoch. */
  nextAttemptAt: number
  sentence: string
}
