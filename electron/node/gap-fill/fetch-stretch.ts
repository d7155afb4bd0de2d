import { type MessageId, type MessageRef, streamPartId } from '../../../shared/message.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { MessageRefused } from '../message/message-refused.ts'
import { compareMessageRefs } from '../message/order.ts'
import type { Clock, RawMessage } from '../ports.ts'
import { MAX_ANSWER_MS, MAX_BATCH_BYTES, MAX_BATCH_MESSAGES, MAX_URLS_PER_NODE } from './limits.ts'
import type { Ingest, StorageNode } from './ports.ts'
import type { ResendClient, Stretch } from './resend-client.ts'
import { ResendFailed } from './resend-failed.ts'

export interface StretchFetcherOptions {
  client: ResendClient
  ingest: Ingest
  clock: Clock
}

export interface FetchedStretch {
  /** Messages that were new here. */
  stored: number
  /** Messages that came, whatever became of them. */
  received: number
  /** The last message that came; `null` when none did. */
  last: MessageRef | null
  /** The answer was ended early by this node's bounds. */
  isCut: boolean
}

/** Fetches stretches from storage nodes and has what comes verified and stored. */
export class StretchFetcher {
  readonly #options: StretchFetcherOptions

  constructor(options: StretchFetcherOptions) {
    this.#options = options
  }

  /**
   * Asks a node under one of its URLs after the other until one answers. What came before a failure is stored.
   * @throws {ResendFailed} with the reason of the last URL
   * @throws the signal's reason when it aborts
   */
  async fetch(node: StorageNode, stretch: Stretch, signal: AbortSignal): Promise<FetchedStretch> {
    let last = new ResendFailed('address-refused', 'It has no address in the registry.')
    for (const url of node.urls.slice(0, MAX_URLS_PER_NODE)) {
      try {
        return await this.#fetchFrom(url, node.address, stretch, signal)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof ResendFailed)) throw error
        last = error
      }
    }
    throw last
  }

  async #fetchFrom(
    url: string,
    address: string,
    stretch: Stretch,
    signal: AbortSignal,
  ): Promise<FetchedStretch> {
    const deadline = AbortSignal.timeout(MAX_ANSWER_MS)
    try {
      return await this.#read(url, address, stretch, AbortSignal.any([signal, deadline]))
    } catch (error) {
      if (deadline.aborted && !signal.aborted) {
        throw new ResendFailed('silent', `It did not finish within ${MAX_ANSWER_MS / 60_000} minutes.`, {
          cause: error,
        })
      }
      throw error
    }
  }

  async #read(url: string, address: string, stretch: Stretch, signal: AbortSignal): Promise<FetchedStretch> {
    const answer = await this.#options.client.ask(url, stretch, signal)
    const fetched: FetchedStretch = { stored: 0, received: 0, last: null, isCut: false }
    for await (const batch of inBatches(answer.messages)) {
      const wanted = batch.filter((bytes) => {
        const id = idOf(bytes)
        if (id === undefined || !isWithin(id, stretch)) return false
        fetched.last = { timestamp: id.timestamp, sequence: id.sequence }
        return true
      })
      fetched.received += batch.length
      const outcome = await this.#options.ingest.ingestAll(this.#toRawMessages(wanted, address), signal)
      fetched.stored += outcome.append.stored
      const { verdicts, refused } = outcome
      if (wanted.length < batch.length)
        throw new ResendFailed('wrong', 'It sent messages that were not asked for.')
      if (verdicts.forged + refused > 0) throw new ResendFailed('wrong', 'It sent forged messages.')
    }
    return { ...fetched, isCut: answer.isCut() }
  }

  *#toRawMessages(messages: readonly Uint8Array[], address: string): Generator<RawMessage> {
    const receivedAt = this.#options.clock.now()
    for (const bytes of messages) yield { bytes, source: `resend:${address}`, receivedAt }
  }
}

/** Small pieces of the network, gathered so that one transaction takes many messages. */
async function* inBatches(pieces: AsyncIterable<Uint8Array[]>): AsyncGenerator<Uint8Array[]> {
  let batch: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces) {
    for (const message of piece) {
      batch.push(message)
      bytes += message.length
      if (batch.length < MAX_BATCH_MESSAGES && bytes < MAX_BATCH_BYTES) continue
      yield batch
      batch = []
      bytes = 0
    }
  }
  if (batch.length > 0) yield batch
}

function idOf(bytes: Uint8Array): MessageId | undefined {
  try {
    return decodeStreamMessage(bytes).id
  } catch (error) {
    if (error instanceof MessageRefused) return undefined
    throw error
  }
}

/** Whether a message lies in the stretch; anything else is not what was asked for. */
function isWithin(id: MessageId, { part, from, to, of }: Stretch): boolean {
  return (
    streamPartId(id.streamId, id.partition) === part &&
    compareMessageRefs(id, from) >= 0 &&
    (to === undefined || compareMessageRefs(id, to) <= 0) &&
    (of === undefined || (id.publisher === of.publisher && id.chain === of.chain))
  )
}
