import { afterEach, describe, expect, it } from 'vitest'
import { ROOT_PROTOCOL } from '../../../../electron/node/gossip/roots/root-exchange.ts'
import type { ComputeRoot } from '../../../../electron/node/gossip/roots/roots.ts'
import { BlockStream } from '../../../../electron/node/gossip/wire/block-stream.ts'
import { rangeRoot } from '../../../../electron/node/provenance/range-root.ts'
import { messagesOf } from '../../../integration/gossip-tasks.ts'
import { connectNodes, PART, TestNodes } from '../federated/test-nodes.ts'
import { MemoryStore } from '../memory-store.ts'

const nodes = new TestNodes()
afterEach(() => nodes.stop())
const signal = AbortSignal.timeout(60_000)
const all = messagesOf({ from: 0, to: 40, of: 1, rest: 0 })
const question = { part: PART, from: 1_700_000_000_000, to: 1_700_000_100_000 }

const rootsOf =
  (held: typeof all, maxLeaves = 1_000): ComputeRoot =>
  (range) =>
    rangeRoot(new MemoryStore(held), range, maxLeaves)

/** A node that asks, and others that hold what is said. */
async function asked(...held: { messages: typeof all; maxLeaves?: number }[]) {
  const asker = await nodes.start(all)
  const others = await Promise.all(
    held.map(({ messages, maxLeaves }) =>
      nodes.start(messages, { computeRoot: rootsOf(messages, maxLeaves) }),
    ),
  )
  await connectNodes(asker, ...others)
  const answers = await asker.gossip.roots.ask(question, signal)
  const answerOf = (at: number) => answers.find(({ address }) => address === others[at]?.gossip.host.address)
  return { asker, others, answerOf }
}

describe('the root of a range, asked of peers', () => {
  it('is signed by each that holds of it, the same where they hold the same', async () => {
    const { answerOf } = await asked({ messages: all }, { messages: all.slice(1) }, { messages: [] })
    const own = await rangeRoot(new MemoryStore(all), question, 1_000)
    expect(answerOf(0)).toMatchObject({ signed: { ...own, ...question }, why: null })
    expect(answerOf(1)).toMatchObject({ signed: { leaves: 39 }, why: null })
    expect(answerOf(1)?.signed?.root).not.toBe(own?.root)
    expect(answerOf(2)).toMatchObject({ signed: null, why: null })
  })

  it('is not had of a peer with more than it hashes for others, or that does not answer for the part', async () => {
    const { asker, others, answerOf } = await asked({ messages: all, maxLeaves: 10 }, { messages: all })
    expect(answerOf(0)).toMatchObject({ signed: null, why: expect.stringContaining('no root') })
    others[1]?.gossip.announcements.unfollow(PART)
    const answers = await asker.gossip.roots.ask(question, signal)
    expect(answers.filter(({ why }) => why === null)).toEqual([])
    expect(asker.gossip.host.scoreOf(others[1]?.gossip.host.peerId ?? '')).toBeGreaterThanOrEqual(0)
  })

  it('is not believed where the peer did not sign it, and costs it score', async () => {
    const asker = await nodes.start(all)
    const liar = await nodes.start(all)
    await liar.gossip.host.libp2p.unhandle(ROOT_PROTOCOL)
    await liar.gossip.host.handle(ROOT_PROTOCOL, 1, async (stream) => {
      const blocks = new BlockStream(stream, 2_048)
      await blocks.read(signal)
      await blocks.write(Buffer.from(`0a20${'11'.repeat(32)}10281a41${'22'.repeat(65)}`, 'hex'), signal)
      await stream.close()
    })
    await connectNodes(asker, liar)
    const [answer] = await asker.gossip.roots.ask(question, signal)
    expect(answer).toMatchObject({ signed: null, why: expect.stringContaining('did not sign') })
    expect(asker.gossip.host.scoreOf(liar.gossip.host.peerId)).toBeLessThan(0)
  })
})
