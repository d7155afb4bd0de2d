import { isSameMessageId } from '../../node/message/order.ts'
import type { StoredMessage } from '../../node/ports.ts'

/**
 * Streamr knows one message per message id, and its clients take the second for a repetition. Where a publisher
 * equivocated, the content with the lowest digest is served, so that every node that holds both serves the same.
 * Contents of one id follow each other in the store's order, also across batches.
 */
export async function* onePerId(batches: AsyncIterable<StoredMessage[]>): AsyncGenerator<StoredMessage[]> {
  let last: StoredMessage | undefined
  for await (const batch of batches) {
    const kept = batch.filter((message) => {
      const repeats = message.equivocation && last !== undefined && isSameMessageId(message.id, last.id)
      last = message
      return !repeats
    })
    yield kept
  }
}
