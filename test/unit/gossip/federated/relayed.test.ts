import { afterEach, describe, expect, it, vi } from 'vitest'
import { RELAYED_BYTES } from '../../../../electron/node/gossip/limits.ts'
import { storedMessage, testMessage } from '../memory-store.ts'
import { addressOf, connect, eventually, knows } from '../peers/test-hosts.ts'
import { PART, readAnswer, TestNodes } from './test-nodes.ts'

vi.setConfig({ testTimeout: 60_000 })
const START = 1_700_000_000_000
const nodes = new TestNodes()
afterEach(() => nodes.stop())

const all = Array.from({ length: 2_000 }, (_, at) => storedMessage(testMessage(PART, START + at * 1_000)))
const share = (rest: number) => all.filter((_, at) => at % 2 === rest)

describe('two nodes that cannot reach each other', () => {
  it('hear of each other and answer as one through a relay that takes no part', async () => {
    const relay = await nodes.start([], { isRelay: true })
    relay.gossip.announcements.unfollow(PART)
    // One has relays that it meets listen for it, as nodes do by default; the other listens nowhere.
    const hidden = await nodes.start(share(0), { listen: ['/p2p-circuit'] })
    const other = await nodes.start(share(1), { listen: [] })
    expect(hidden.gossip.host.multiaddrs()).toEqual([])
    await connect(hidden.gossip.host, relay.gossip.host)
    await eventually(() => hidden.gossip.host.multiaddrs().length > 0)
    await other.gossip.host.dial(addressOf(hidden.gossip.host))
    await eventually(
      () => knows(other.gossip.host, hidden.gossip.host) && knows(hidden.gossip.host, other.gossip.host),
    )
    const [link] = hidden.gossip.host.peers().filter(({ peerId }) => peerId === other.gossip.host.peerId)
    expect(link?.isRelayed).toBe(true)
    await eventually(() =>
      [hidden, other].every(({ gossip }) => gossip.announcements.heard(PART).length === 1),
    )
    const { merged, report } = await readAnswer(other, { query: { part: PART } })
    expect(merged.map(({ id }) => id.timestamp)).toEqual(all.map(({ id }) => id.timestamp))
    expect(report).toMatchObject({ isComplete: true, brought: 1_000 })
    // What the relay carries for them is bounded, and counted.
    const [relayed] = hidden.gossip.host.libp2p.getConnections().filter(({ limits }) => limits !== undefined)
    expect(Number(relayed?.limits?.bytes)).toBeGreaterThan(0)
    expect(Number(relayed?.limits?.bytes)).toBeLessThan(RELAYED_BYTES)
  })
})
