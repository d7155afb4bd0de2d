import { afterEach, describe, expect, it } from 'vitest'
import type { GossipOptions } from '../../../../electron/node/gossip/gossip.ts'
import { connectNodes, PART, type TestNode, TestNodes } from '../federated/test-nodes.ts'
import { storedMessage, testMessage } from '../memory-store.ts'
import { eventually } from '../peers/test-hosts.ts'

const START = 1_700_000_000_000
const messages = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, row) =>
    storedMessage(testMessage(PART, START + (from + row) * 1_000)),
  )

const healing = (rates: { isOn?: boolean; messagesPerPass?: number } = {}): Partial<GossipOptions> => ({
  isHealing: () => true,
  healing: {
    rates: () => ({ isOn: true, everyS: 3_600, messagesPerPass: 20_000, ...rates }),
    isKept: () => true,
  },
})

const held = ({ store }: TestNode): number => store.messages.length

const nodes = new TestNodes()
afterEach(() => nodes.stop())

describe('healing in the background', () => {
  it('makes two sides of a partition whole once they meet again, whichever asks', async () => {
    const one = await nodes.start(messages(0, 300), healing())
    const other = await nodes.start(messages(0, 300), healing())
    await connectNodes(one, other)
    const { host } = one.gossip
    await host.ban(other.gossip.host.address, 'partition', null)
    await eventually(() => host.vouched().length === 0)
    one.store.add(messages(300, 400))
    other.store.add(messages(400, 500))
    await one.gossip.healer.pass()
    expect(held(one)).toBe(400)
    await expect(host.dial(other.gossip.host.multiaddrs()[0] ?? '')).rejects.toThrow()

    await host.liftBan(other.gossip.host.address)
    await connectNodes(one, other)
    await one.gossip.healer.pass()
    expect([held(one), held(other)]).toEqual([500, 500])
    expect(one.gossip.healer.lastPass()).toMatchObject({ part: PART, brought: 100 })
  })

  it('compares no more in one pass than its rate, and goes on from there in the next', async () => {
    const one = await nodes.start([], healing({ messagesPerPass: 3_000 }))
    const other = await nodes.start(messages(0, 8_000))
    await connectNodes(one, other)
    let before = 0
    while (held(one) < 8_000) {
      await one.gossip.healer.pass()
      // A quarter of the rate is compared at once, and another ahead of it.
      expect(held(one) - before).toBeLessThanOrEqual(4_500)
      before = held(one)
    }
    expect(one.gossip.healer.lastPass()?.compared).toBeLessThan(8_000)
  })

  it('leaves everything alone while it is off, and parts of which nothing is kept', async () => {
    const off = await nodes.start([], healing({ isOn: false }))
    const forgetful = await nodes.start([], { healing: { ...healing().healing!, isKept: () => false } })
    const other = await nodes.start(messages(0, 10))
    for (const node of [off, forgetful]) {
      await connectNodes(node, other)
      await node.gossip.healer.pass()
      expect(node.gossip.healer.lastPass()).toBeNull()
      expect(held(node)).toBe(0)
    }
  })

  it('goes first where a peer announced more, and follows each announcement up once', async () => {
    const one = await nodes.start(messages(5_000, 6_000), healing({ messagesPerPass: 1_000 }))
    const other = await nodes.start(messages(0, 6_000))
    await connectNodes(one, other)
    await eventually(() => one.gossip.announcements.heard(PART).length === 1)
    await one.gossip.healer.pass()
    // The newest thousand is the same here and there: without the announcement the pass would have ended in it.
    expect(held(one)).toBeGreaterThan(1_000)
    await one.gossip.healer.pass()
    const first = one.gossip.healer.lastPass()
    expect(first?.brought).toBe(0)
  })
})
