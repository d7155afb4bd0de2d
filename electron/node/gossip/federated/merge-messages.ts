import { compareMessages } from '../../message/order.ts'
import type { StoredMessage } from '../../ports.ts'

const BATCH = 500

/** Merges two streams in the same order into one, without what both hold, reading each as it is asked for. */
export async function* mergeMessages(
  first: AsyncIterable<StoredMessage[]>,
  second: AsyncIterable<StoredMessage[]>,
  order: 'ascending' | 'descending',
): AsyncGenerator<StoredMessage[]> {
  const sign = order === 'ascending' ? 1 : -1
  const sides = [new Cursor(first), new Cursor(second)] as const
  let batch: StoredMessage[] = []
  try {
    for (;;) {
      const [left, right] = [await sides[0].current(), await sides[1].current()]
      if (left === undefined && right === undefined) break
      const comparison =
        left === undefined ? 1 : right === undefined ? -1 : sign * compareMessages(left, right)
      if (left !== undefined && comparison <= 0) batch.push(left)
      else if (right !== undefined) batch.push(right)
      if (comparison <= 0) sides[0].advance()
      if (comparison >= 0) sides[1].advance()
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
    if (batch.length > 0) yield batch
  } finally {
    await Promise.all(sides.map((side) => side.close()))
  }
}

class Cursor {
  readonly #batches: AsyncIterator<StoredMessage[]>
  #batch: readonly StoredMessage[] = []
  #at = 0

  constructor(batches: AsyncIterable<StoredMessage[]>) {
    this.#batches = batches[Symbol.asyncIterator]()
  }

  async current(): Promise<StoredMessage | undefined> {
    while (this.#at >= this.#batch.length) {
      const next = await this.#batches.next()
      if (next.done === true) return undefined
      this.#batch = next.value
      this.#at = 0
    }
    return this.#batch[this.#at]
  }

  advance(): void {
    this.#at += 1
  }

  async close(): Promise<void> {
    await this.#batches.return?.()
  }
}
