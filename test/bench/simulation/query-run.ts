import { answerPeer } from '../../../electron/node/gossip/reconcile/answerer.ts'
import { askPeer } from '../../../electron/node/gossip/reconcile/asker.ts'
import type { DigestSets } from '../../../electron/node/gossip/reconcile/digest-sets.ts'
import { FrameChannel } from '../../../electron/node/gossip/reconcile/frame-channel.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { MemoryStore, storedMessage } from '../../unit/gossip/memory-store.ts'
import { streamPair } from '../../unit/gossip/stream-pair.ts'

export interface QueryRun {
  /** Frames of messages left out: what finding the differences took, both ways, bytes. */
  findingBytes: number
  messageBytes: number
  /** Requests the asker waited for, over all peers. */
  rounds: number
  messages: number
}

/** One query of a range: the asker reconciles with one peer after the other, by the node's own code. */
export async function askAll(
  sets: DigestSets,
  part: string,
  range: { from: number; to: number },
  own: readonly StoredMessage[],
  peers: Iterable<readonly StoredMessage[]>,
): Promise<QueryRun> {
  const store = new MemoryStore(own)
  const run: QueryRun = { findingBytes: 0, messageBytes: 0, rounds: 0, messages: 0 }
  const { signal } = new AbortController()
  const timeouts = { frameTimeoutMs: 60_000, sessionTimeoutMs: 60_000, signal }
  for (const held of peers) {
    const [here, there] = streamPair()
    const channel = new FrameChannel({ stream: here, ...timeouts })
    const answerer = new FrameChannel({ stream: there, ...timeouts })
    const answered = answerPeer({
      channel: answerer,
      store: new MemoryStore(held),
      sets,
      isShared: () => true,
      isHealing: () => false,
      heal: async () => ({ stored: 0, refused: 0 }),
      signal,
    }).finally(() => answerer.close())
    const report = await askPeer({
      channel,
      store,
      sets,
      part,
      ...range,
      accept: async (messages) => void store.add(messages.map(({ raw }) => storedMessage(raw))),
      heal: false,
      signal,
    })
    await answered
    const { sentBytes, receivedBytes, receivedMessageBytes } = channel.traffic
    run.findingBytes += sentBytes + receivedBytes - receivedMessageBytes
    run.messageBytes += receivedMessageBytes
    run.rounds += report.rounds
  }
  run.messages = store.messages.length
  return run
}
