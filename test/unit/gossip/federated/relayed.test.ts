import { afterEach, describe, expect, it, vi } from 'vitest'
import { RELAYED_BYTES } from '../../../../electron/node/gossip/limits.ts'
import { storedMessage, testMessage } from '../memory-store.ts'
import { addressOf, eventually, knows, TestHosts } from '../peers/test-hosts.ts'
import { PART, readAnswer, TestNodes } from './test-nodes.ts'

vi.setConfig({ testTimeout: 60_000 })
const START = 1_700_000_000_000
const hosts = new TestHosts()
const nodes = new TestNodes()
afterEach(async () => {
  await nodes.stop()
  await hosts.stop()
})

const all = Array.from({ length: 2_000 }, (_, at) => storedMessage(testMessage(PART, START + at * 1_000)))
const share = (rest: number) => all.filter((_, at) => at % 2 === rest)

describe('two nodes that cannot reach each other', () => {
  it('hear of each other and answer as one through a relay that takes no part', async () => {
    const relay = await hosts.start({ isRelay: true })
    // Neither listens anywhere but at the relay, or at all.
    const hidden = await nodes.start(share(0), { listen: [`${addressOf(relay)}/p2p-circuit`] })
    const other = await nodes.start(share(1), { listen: [] })
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
