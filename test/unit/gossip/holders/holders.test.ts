import { afterEach, describe, expect, it } from 'vitest'
import { HolderBook } from '../../../../electron/node/gossip/holders/holder-book.ts'
import { HOLDER_PROTOCOL } from '../../../../electron/node/gossip/holders/holder-exchange.ts'
import { MAX_REMEMBERED_HOLDINGS } from '../../../../electron/node/gossip/limits.ts'
import { BlockStream } from '../../../../electron/node/gossip/wire/block-stream.ts'
import { createKnownHolders } from '../../../../electron/node/known-holders.ts'
import { messagesOf } from '../../../integration/gossip-tasks.ts'
import { connectNodes, PART, TestNodes } from '../federated/test-nodes.ts'

const nodes = new TestNodes()
afterEach(() => nodes.stop())
const signal = AbortSignal.timeout(60_000)
const all = messagesOf({ from: 0, to: 20, of: 1, rest: 0 })

async function heldBy(...sets: (typeof all)[]) {
  const asked = await nodes.start(all)
  const others = await Promise.all(sets.map((set) => nodes.start(set)))
  await connectNodes(asked, ...others)
  return { asked, others }
}

describe('who holds a message', () => {
  it('is known of every peer: those that hand it out, and those that lack it', async () => {
    const { asked, others } = await heldBy(all, all.slice(0, 5))
    const [first, last] = [all[0], all.at(-1)]
    if (first === undefined || last === undefined) throw new Error('there are messages')
    const answers = async (message: typeof first) => {
      const holders = await asked.gossip.holders.whoHolds(message, signal)
      const answerOf = (at: number) =>
        holders.find(({ peerId }) => peerId === others[at]?.gossip.host.peerId)?.answer
      return [answerOf(0), answerOf(1)]
    }
    expect(await answers(first)).toEqual(['holds', 'holds'])
    expect(await answers(last)).toEqual(['holds', 'lacks'])
  })

  it('is unknown of a peer that does not answer for the stream part', async () => {
    const { asked, others } = await heldBy(all)
    others[0]?.gossip.announcements.unfollow(PART)
    const [message] = all
    if (message === undefined) throw new Error('there are messages')
    const [answer] = await asked.gossip.holders.whoHolds(message, signal)
    expect(answer).toMatchObject({ answer: 'unknown', why: expect.stringContaining('stream part') })
  })

  it('is not believed of a peer that hands out another message, and the lie costs it score', async () => {
    const { asked, others } = await heldBy([])
    const [liar] = others
    const [message, other] = all
    if (liar === undefined || message === undefined || other === undefined) throw new Error('all are there')
    await liar.gossip.host.libp2p.unhandle(HOLDER_PROTOCOL)
    await liar.gossip.host.handle(HOLDER_PROTOCOL, 4, async (stream) => {
      const blocks = new BlockStream(stream, 1_048_576)
      await blocks.read(signal)
      await blocks.write(other.raw, signal)
      await stream.close()
    })
    const [answer] = await asked.gossip.holders.whoHolds(message, signal)
    expect(answer?.answer).toBe('unknown')
    expect(asked.gossip.host.scoreOf(liar.gossip.host.peerId)).toBeLessThan(0)
  })
})

describe('what is remembered of holders', () => {
  it('is what they answered last, without asking them anew, and how many answered', async () => {
    const { asked } = await heldBy(all, all.slice(0, 5))
    const last = all.at(-1)
    if (last === undefined) throw new Error('there are messages')
    const known = createKnownHolders(asked.gossip)
    expect(known.ofMessage(last)).toEqual({ holding: 0, asked: 0 })
    await asked.gossip.holders.whoHolds(last, signal)
    expect(known.ofMessage(last)).toEqual({ holding: 1, asked: 2 })
    const [holder] = asked.gossip.holders.known(last.digest).holders
    expect(known.ofMessage({ ...last, source: `peer:${holder}` })).toEqual({ holding: 1, asked: 2 })
    expect(known.ofMessage({ ...last, source: 'peer:0xabc' })).toEqual({ holding: 2, asked: 3 })
  })

  it('forgets what was asked about longest ago', () => {
    const book = new HolderBook()
    const digestOf = (number: number) => Buffer.from(String(number))
    for (let number = 0; number <= MAX_REMEMBERED_HOLDINGS; number += 1)
      book.note(digestOf(number), '0xaa', true)
    expect(book.of(digestOf(0)).holders.size).toBe(0)
    expect([...book.of(digestOf(1)).holders]).toEqual(['0xaa'])
    book.note(digestOf(1), '0xaa', false)
    expect(book.of(digestOf(1))).toEqual({ holders: new Set(), without: new Set(['0xaa']) })
  })
})
