import { afterEach, describe, expect, it } from 'vitest'
import { HOLDER_PROTOCOL } from '../../../../electron/node/gossip/holders/holder-exchange.ts'
import { BlockStream } from '../../../../electron/node/gossip/wire/block-stream.ts'
import { messagesOf, START } from '../../../integration/gossip-tasks.ts'
import { connectNodes, PART, type TestNode, TestNodes } from '../federated/test-nodes.ts'
import { storedMessage, testMessage } from '../memory-store.ts'
import { eventually } from '../peers/test-hosts.ts'

const nodes = new TestNodes()
afterEach(() => nodes.stop())
const signal = AbortSignal.timeout(60_000)
const all = messagesOf({ from: 0, to: 20, of: 1, rest: 0 })

/** Two nodes that have heard what the other covers. */
async function neighbours(held: typeof all): Promise<{ asker: TestNode; other: TestNode }> {
  const asker = await nodes.start(all)
  const other = await nodes.start(held)
  await connectNodes(asker, other)
  const { peerId } = other.gossip.host
  await eventually(() => asker.gossip.announcements.heard(PART).some((heard) => heard.peerId === peerId))
  return { asker, other }
}

const recordOf = ({ gossip }: TestNode, { gossip: of }: TestNode) =>
  gossip.challenger.recordOf(of.host.address)
const scoreOf = ({ gossip }: TestNode, { gossip: of }: TestNode) => gossip.host.scoreOf(of.host.peerId)

describe('a challenge of a peer that claims coverage', () => {
  it('is passed by handing the message out, which raises its score', async () => {
    const { asker, other } = await neighbours(all)
    expect(recordOf(asker, other)).toBeNull()
    await asker.gossip.challenger.pass()
    expect(recordOf(asker, other)).toMatchObject({ asked: 1, held: 1, lacked: 0, unanswered: 0 })
    expect(scoreOf(asker, other)).toBeGreaterThan(0)
  })

  it('is failed by a peer that lacks what it says it holds, which lowers its score', async () => {
    const { asker, other } = await neighbours(all)
    await other.gossip.host.libp2p.unhandle(HOLDER_PROTOCOL)
    await other.gossip.host.handle(HOLDER_PROTOCOL, 4, async (stream) => {
      const blocks = new BlockStream(stream, 1_048_576)
      await blocks.read(signal)
      await blocks.write(new Uint8Array(0), signal)
      await stream.close()
    })
    await asker.gossip.challenger.pass()
    expect(recordOf(asker, other)).toMatchObject({ asked: 1, lacked: 1 })
    expect(scoreOf(asker, other)).toBeLessThan(0)
  })

  it('goes by what the peer says now where it has announced only the beginning of what it holds', async () => {
    const both = [START, START + 1].map((at) => storedMessage(testMessage(PART, at)))
    const asker = await nodes.start(both)
    const other = await nodes.start(both.slice(0, 1))
    await connectNodes(asker, other)
    await eventually(() => asker.gossip.announcements.heard(PART).length > 0)
    await asker.gossip.challenger.pass()
    expect(recordOf(asker, other)).toBeNull()
    other.store.add(both.slice(1))
    await asker.gossip.challenger.pass()
    expect(recordOf(asker, other)).toMatchObject({ asked: 1, held: 1 })
  })

  it('is not made where the peer claims less than is held here: it may well hold the others', async () => {
    const { asker, other } = await neighbours(all.slice(0, 1))
    for (let round = 0; round < 5; round++) await asker.gossip.challenger.pass()
    expect(recordOf(asker, other)?.lacked ?? 0).toBe(0)
    expect(scoreOf(asker, other)).toBeGreaterThanOrEqual(0)
  })
})
