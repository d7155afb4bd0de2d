import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { compareMessageRefs, compareMessages } from '../../../electron/node/message/order.ts'
import type { MessageQuery, PartStatistics, StoredMessage } from '../../../electron/node/ports.ts'
import type { MessageRef } from '../../../shared/message.ts'
import { streamPartId } from '../../../shared/message.ts'
import { VERDICTS, type Verdict } from '../../../shared/verdict.ts'

export const STREAM_ID = '0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/oven/temperature'
export const PUBLISHER = `0x${'b1'.repeat(20)}`

export interface MessageOptions extends Partial<MessageRef> {
  publisher?: string
  chain?: string
  content?: Uint8Array | object
  contentType?: number
  encryptionType?: number
  groupKeyId?: string
  verdict?: Verdict
  equivocation?: boolean
  digest?: number
}

/** A stored message whose bytes are a real encoded Streamr message. */
export function storedMessage(options: MessageOptions = {}): StoredMessage {
  const {
    timestamp = 1_000,
    sequence = 0,
    publisher = PUBLISHER,
    chain = 'chain',
    content = { t: 20.5 },
  } = options
  const id = { streamId: STREAM_ID, partition: 0, timestamp, sequence, publisher, chain }
  return {
    id,
    digest: new Uint8Array(32).fill(options.digest ?? 1),
    verdict: options.verdict ?? 'verified',
    reason: 'signed-and-permitted',
    equivocation: options.equivocation ?? false,
    encrypted: options.encryptionType === 1,
    source: 'live',
    receivedAt: timestamp,
    raw: encodeStreamMessage({
      id,
      previous: undefined,
      signature: new Uint8Array(65).fill(7),
      signatureType: 1,
      body: {
        kind: 'content',
        content: content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content)),
        contentType: options.contentType ?? 0,
        encryptionType: options.encryptionType ?? 0,
        groupKeyId: options.groupKeyId,
        newGroupKey: undefined,
      },
    }),
  }
}

/** Messages in memory with the store's semantics, and a record of what became of each query. */
export class MemoryMessages {
  readonly messages: readonly StoredMessage[]
  readonly batchSize: number
  /** Queries under way now, and the most there ever were. */
  running = 0
  mostRunning = 0
  batchesRead = 0
  aborted = 0

  readonly #pause: () => Promise<void>

  /** @param pause what the store takes before each batch */
  constructor(messages: readonly StoredMessage[], batchSize = 100, pause = turnOfTheLoop) {
    this.#pause = pause
    this.messages = [...messages].sort(compareMessages)
    this.batchSize = batchSize
  }

  async *query(query: MessageQuery, signal?: AbortSignal): AsyncGenerator<StoredMessage[]> {
    const selected = select(this.messages, query)
    this.running += 1
    this.mostRunning = Math.max(this.mostRunning, this.running)
    try {
      for (let at = 0; at < selected.length; at += this.batchSize) {
        await this.#pause()
        signal?.throwIfAborted()
        this.batchesRead += 1
        yield selected.slice(at, at + this.batchSize)
      }
    } finally {
      if (signal?.aborted) this.aborted += 1
      this.running -= 1
    }
  }

  async statistics(): Promise<PartStatistics[]> {
    const timestamps = this.messages.map(({ id }) => id.timestamp)
    return [
      {
        part: streamPartId(STREAM_ID, 0),
        messages: this.messages.length,
        sizeBytes: this.messages.reduce((sum, { raw }) => sum + raw.length, 0),
        verdicts: Object.fromEntries(
          VERDICTS.map((verdict) => [verdict, this.messages.filter((m) => m.verdict === verdict).length]),
        ) as Record<Verdict, number>,
        equivocations: 0,
        gaps: 0,
        dropped: 0,
        firstTimestamp: timestamps[0] ?? null,
        lastTimestamp: timestamps.at(-1) ?? null,
        lastReceivedAt: null,
        publishers: 1,
      },
    ]
  }
}

const turnOfTheLoop = () => new Promise<void>((resolve) => setImmediate(resolve))

function select(messages: readonly StoredMessage[], query: MessageQuery): StoredMessage[] {
  const { part, from, to, publisher, chain, verdicts, last } = query
  const selected = messages.filter(
    ({ id, verdict }) =>
      streamPartId(id.streamId, id.partition) === part &&
      (from === undefined || compareMessageRefs(id, from) >= 0) &&
      (to === undefined || compareMessageRefs(id, to) <= 0) &&
      (publisher === undefined || id.publisher === publisher) &&
      (chain === undefined || id.chain === chain) &&
      (verdicts === undefined || verdicts.includes(verdict)),
  )
  return last === undefined ? selected : selected.slice(-last)
}
