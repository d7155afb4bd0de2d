import type { FederatedReport } from '../../../../electron/node/gossip/federated/report.ts'
import type {
  FederatedBatch,
  FederatedQueryOptions,
} from '../../../../electron/node/gossip/federated-query.ts'
import { type Gossip, type GossipOptions, startGossip } from '../../../../electron/node/gossip/gossip.ts'
import type { Ingest, Verify } from '../../../../electron/node/gossip/ports.ts'
import { decodeStreamMessage } from '../../../../electron/node/message/decode.ts'
import type { StoredMessage } from '../../../../electron/node/ports.ts'
import { MemoryStore, storedMessage } from '../memory-store.ts'
import { eventually, randomIdentity, silent, TestHosts } from '../peers/test-hosts.ts'

export const PART = '0xaa/load#0'

/** A test message is signed with the bytes 1, 2, 3. */
function isSigned(raw: Uint8Array): boolean {
  return Buffer.from(decodeStreamMessage(raw).signature).equals(Buffer.from([1, 2, 3]))
}

export const verify: Verify = async (messages) =>
  messages.map((raw) => ({ verdict: isSigned(raw) ? 'verified' : 'forged' }))

/** Verifies and keeps in memory. */
export function ingestInto(store: MemoryStore): Ingest {
  return async (messages) => {
    const verified = messages.filter(({ bytes }) => isSigned(bytes))
    const stored = store.add(verified.map(({ bytes }) => storedMessage(bytes))).length
    const forged = messages.length - verified.length
    return {
      verdicts: { verified: verified.length, pending: 0, unauthorised: 0, forged },
      refused: 0,
      append: { stored, duplicates: verified.length - stored },
    }
  }
}

export interface TestNode {
  readonly gossip: Gossip
  readonly store: MemoryStore
}

/** Whole gossip nodes on loopback, with messages in memory. */
export class TestNodes {
  readonly #hosts = new TestHosts()
  readonly #nodes: TestNode[] = []

  async start(messages: readonly StoredMessage[], options: Partial<GossipOptions> = {}): Promise<TestNode> {
    const store = new MemoryStore(messages)
    const gossip = await startGossip({
      dataDir: await this.#hosts.folder(),
      identity: randomIdentity(),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      isLocalDiscoveryOn: false,
      maxConnectionsPerHost: 1_000,
      maxInboundPerSecond: 1_000,
      clock: Date,
      logger: silent,
      store,
      ingest: ingestInto(store),
      verify,
      isHealing: () => false,
      ...options,
    })
    gossip.announcements.follow(PART)
    const node = { gossip, store }
    this.#nodes.push(node)
    return node
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map(({ gossip }) => gossip.stop()))
    await this.#hosts.stop()
  }
}

/** Connects one node to others and waits until all have vouched. */
export async function connectNodes(one: TestNode, ...others: readonly TestNode[]): Promise<void> {
  for (const { gossip } of others) {
    const [address = ''] = gossip.host.multiaddrs()
    await one.gossip.host.dial(address)
  }
  const knows = (node: TestNode, other: TestNode): boolean =>
    node.gossip.host.vouched().some(({ peerId }) => peerId === other.gossip.host.peerId)
  await eventually(() => others.every((other) => knows(one, other) && knows(other, one)))
}

export interface WholeAnswer {
  readonly merged: StoredMessage[]
  readonly preview: StoredMessage[]
  readonly kinds: FederatedBatch['kind'][]
  readonly report: FederatedReport
}

export async function readAnswer(node: TestNode, request: FederatedQueryOptions): Promise<WholeAnswer> {
  const answer = node.gossip.queries.query(request)
  const merged: StoredMessage[] = []
  const preview: StoredMessage[] = []
  const kinds: FederatedBatch['kind'][] = []
  for await (const { kind, messages } of answer) {
    kinds.push(kind)
    ;(kind === 'merged' ? merged : preview).push(...messages)
  }
  return { merged, preview, kinds, report: answer.report() }
}
