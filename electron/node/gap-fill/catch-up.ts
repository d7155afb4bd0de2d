import { type MessageRef, parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'
import { compareMessageRefs } from '../message/order.ts'
import type { Logger } from '../ports.ts'
import type { StretchFetcher } from './fetch-stretch.ts'
import { MAX_CATCH_UP_LOOK_BACK } from './limits.ts'
import type { OtherNodes } from './other-nodes.ts'
import type { GapStore, StorageNode } from './ports.ts'
import type { Stretch } from './resend-client.ts'
import { ResendFailed } from './resend-failed.ts'

export interface CatchUpOptions {
  store: GapStore
  others: OtherNodes
  fetcher: StretchFetcher
  onMessages: (count: number) => void
  /** When this run of the node began, ms since the epoch. */
  startedAt: number
  logger: Logger
}

/**
 * Asks for what was published while the node was down. Chains name gaps only once they go on; a publisher that has
 * fallen silent since would otherwise leave its last messages missing and nobody would know.
 */
export class CatchUp {
  readonly #options: CatchUpOptions

  constructor(options: CatchUpOptions) {
    this.#options = options
  }

  /** @returns whether it needs no repetition: it succeeded, or there is nothing to catch up with or nobody to ask. */
  async run(part: StreamPartId, signal: AbortSignal): Promise<boolean> {
    const from = await this.#newestBeforeStart(part, signal)
    if (from === null) return true
    const nodes = await this.#options.others.list(parseStreamPartId(part).streamId, signal)
    for (const node of nodes) {
      if (await this.#askFor({ part, from }, node, signal)) return true
    }
    return nodes.length === 0
  }

  async #askFor(stretch: Stretch, node: StorageNode, signal: AbortSignal): Promise<boolean> {
    const { fetcher, onMessages, logger } = this.#options
    let { from } = stretch
    try {
      for (;;) {
        const fetched = await fetcher.fetch(node, { ...stretch, from }, signal)
        onMessages(fetched.stored)
        if (!fetched.isCut || fetched.last === null) return true
        // An answer that was cut and leads no further would be asked for without end.
        if (compareMessageRefs(fetched.last, from) <= 0) return false
        from = fetched.last
      }
    } catch (error) {
      if (!(error instanceof ResendFailed)) throw error
      logger.info(
        { part: stretch.part, node: node.address, error },
        'a storage node could not be caught up with',
      )
      return false
    }
  }

  /**
   * The newest message of an earlier run; `null` for a part that is new to this node. Where this run has received
   * more than is looked through, the earliest of that stands in for it.
   */
  async #newestBeforeStart(part: StreamPartId, signal: AbortSignal): Promise<MessageRef | null> {
    const newest = { part, order: 'descending', limit: MAX_CATCH_UP_LOOK_BACK } as const
    let last: MessageRef | null = null
    let looked = 0
    for await (const batch of this.#options.store.query(newest, signal)) {
      for (const { id, receivedAt } of batch) {
        last = { timestamp: id.timestamp, sequence: id.sequence }
        if (receivedAt < this.#options.startedAt) return last
        looked += 1
      }
    }
    return looked === MAX_CATCH_UP_LOOK_BACK ? last : null
  }
}
