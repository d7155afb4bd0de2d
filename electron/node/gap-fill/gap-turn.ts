import { type MessageRef, parseStreamPartId } from '../../../shared/message.ts'
import type { Logger } from '../ports.ts'
import type { StretchFetcher } from './fetch-stretch.ts'
import type { FollowedGap } from './gap-book.ts'
import { MAX_GAPS_PER_PART } from './limits.ts'
import type { OtherNodes } from './other-nodes.ts'
import type { GapStore, StorageNode } from './ports.ts'
import type { Stretch } from './resend-client.ts'
import { ResendFailed } from './resend-failed.ts'

export interface GapTurnOptions {
  store: GapStore
  others: OtherNodes
  fetcher: StretchFetcher
  /** Called with the number of messages that were new. */
  onMessages: (count: number) => void
  logger: Logger
}

export interface TurnOutcome {
  /** Something new came, so that asking again at once makes sense where a gap is left. */
  progressed: boolean
  /** What came of it, for the operator. */
  sentence: string
}

/** One attempt at gaps of one chain that lie together: the stream's other storage nodes are asked in turn. */
export class GapTurn {
  readonly #options: GapTurnOptions

  constructor(options: GapTurnOptions) {
    this.#options = options
  }

  /** @param gaps at least one, in the order of their chain */
  async take(gaps: readonly FollowedGap[], signal: AbortSignal): Promise<TurnOutcome> {
    const [first] = gaps
    if (first === undefined) return { progressed: false, sentence: 'There was nothing to ask for.' }
    const { streamId } = parseStreamPartId(first.part)
    const nodes = await this.#options.others.list(streamId, signal)
    if (nodes.length === 0) {
      return { progressed: false, sentence: 'The stream has no other storage node that could be asked.' }
    }
    const reports: string[] = []
    let progressed = false
    for (const node of nodes) {
      const { stored, report } = await this.#ask(node, gaps, signal)
      progressed ||= stored > 0
      reports.push(`${node.address}: ${report}`)
      if (await this.#areFilled(gaps)) break
    }
    return { progressed, sentence: reports.join(' ') }
  }

  async #ask(
    node: StorageNode,
    gaps: readonly FollowedGap[],
    signal: AbortSignal,
  ): Promise<{ stored: number; report: string }> {
    let stretch = await this.#stretchOf(gaps)
    let stored = 0
    try {
      for (;;) {
        const fetched = await this.#options.fetcher.fetch(node, stretch, signal)
        stored += fetched.stored
        this.#options.onMessages(fetched.stored)
        if (!fetched.isCut || fetched.last === null) break
        stretch = { ...stretch, from: after(fetched.last) }
      }
      return {
        stored,
        report: stored > 0 ? `It had ${stored} of the missing messages.` : 'It does not have them either.',
      }
    } catch (error) {
      if (!(error instanceof ResendFailed)) throw error
      this.#options.logger.info({ node: node.address, error }, 'a storage node could not fill a gap')
      return { stored, report: error.message }
    }
  }

  /** From behind the last message of the chain that is stored before the first gap, to the last gap. */
  async #stretchOf(gaps: readonly FollowedGap[]): Promise<Stretch> {
    const [first, last = first] = [gaps[0], gaps.at(-1)]
    if (first === undefined || last === undefined) throw new RangeError('A turn needs a gap')
    const { part, publisher, chain, missing } = first
    const before = { part, publisher, chain, to: missing, order: 'descending', limit: 1 } as const
    let from: MessageRef = { timestamp: 0, sequence: 0 }
    for await (const [newest] of this.#options.store.query(before)) {
      if (newest !== undefined) from = after(newest.id)
    }
    return { part, from, to: last.missing, of: { publisher, chain } }
  }

  async #areFilled(gaps: readonly FollowedGap[]): Promise<boolean> {
    const [first] = gaps
    if (first === undefined) return true
    const left = await this.#options.store.gaps(first.part, MAX_GAPS_PER_PART)
    return !gaps.some(({ publisher, chain, missing }) =>
      left.some(
        (record) =>
          record.publisher === publisher &&
          record.chain === chain &&
          record.missing.timestamp === missing.timestamp &&
          record.missing.sequence === missing.sequence,
      ),
    )
  }
}

function after({ timestamp, sequence }: MessageRef): MessageRef {
  return { timestamp, sequence: sequence + 1 }
}
