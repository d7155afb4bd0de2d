import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { compareMessages } from '../../../../electron/node/message/order.ts'
import type { MessageQuery, StoredMessage } from '../../../../electron/node/ports.ts'
import { MemoryStore, storedMessage, testMessage } from '../memory-store.ts'
import { eventually } from '../peers/test-hosts.ts'
import { connectNodes, PART, readAnswer, TestNodes } from './test-nodes.ts'

const START = 1_700_000_000_000

/** Whole networks in one process: on a busy machine they take their time. */
vi.setConfig({ testTimeout: 60_000 })
const nodes = new TestNodes()
afterEach(() => nodes.stop())

const all = Array.from({ length: 6_000 }, (_, index) =>
  storedMessage(testMessage(PART, START + Math.floor(index / 2) * 1_000, index % 2)),
)
/** Every `step`th message from `offset` on. */
const share = (offset: number, step: number): StoredMessage[] =>
  all.filter((_, index) => index % step === offset)
const digests = (messages: readonly StoredMessage[]): string[] =>
  messages.map(({ digest }) => Buffer.from(digest).toString('base64'))

async function expectedOf(query: MessageQuery): Promise<string[]> {
  const chosen: StoredMessage[] = []
  for await (const batch of new MemoryStore(all).query(query)) chosen.push(...batch)
  return digests(chosen)
}

describe('a federated query', () => {
  it('answers with everything that any connected node holds, once and in order, and says who took part', async () => {
    const one = await nodes.start(share(0, 3))
    const second = await nodes.start(share(1, 3))
    const third = await nodes.start(share(2, 3))
    await connectNodes(one, second, third)
    const { merged, preview, kinds, report } = await readAnswer(one, { query: { part: PART } })
    expect(digests(merged)).toEqual(digests(all))
    expect(kinds[0]).toBe('preview')
    expect(kinds.slice(1)).not.toContain('preview')
    expect(digests(preview)).toEqual(digests(share(0, 3).slice(0, 100)))
    expect(report).toMatchObject({
      part: PART,
      messages: 6_000,
      brought: 4_000,
      isComplete: true,
      unreached: [],
    })
    expect(report.peers.map(({ outcome, brought, claimed }) => [outcome, brought, claimed])).toEqual([
      ['answered', 2_000, 2_000],
      ['answered', 2_000, 2_000],
    ])
    expect(report.peers.map(({ address }) => address).sort()).toEqual(
      [second, third].map(({ gossip }) => gossip.host.address).sort(),
    )
    expect(one.store.messages.length).toBe(6_000)
    const again = await readAnswer(one, { query: { part: PART } })
    expect(again.report.brought).toBe(0)
    expect(digests(again.merged)).toEqual(digests(all))
  })

  it('answers every form of query as one store of all messages would', async () => {
    const one = await nodes.start(share(0, 4))
    const second = await nodes.start([...share(1, 4), ...share(2, 4)])
    const third = await nodes.start([...share(2, 4), ...share(3, 4)])
    await connectNodes(one, second, third)
    const ref = fc.record({
      timestamp: fc.integer({ min: START - 5_000, max: START + 3_005_000 }),
      sequence: fc.nat(2),
    })
    const queries = fc.record(
      {
        from: ref,
        to: ref,
        last: fc.integer({ min: 1, max: 3_000 }),
        limit: fc.integer({ min: 1, max: 3_000 }),
        order: fc.constantFrom('ascending' as const, 'descending' as const),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(queries, fc.boolean(), async (shape, keep) => {
        const query = { part: PART, ...shape } as MessageQuery
        const { merged, report } = await readAnswer(one, { query, keep, preview: false })
        expect(digests(merged)).toEqual(await expectedOf(query))
        expect(report.isComplete).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  it('keeps nothing where that is not wanted', async () => {
    const one = await nodes.start(share(0, 2))
    const second = await nodes.start(share(1, 2))
    await connectNodes(one, second)
    const { merged } = await readAnswer(one, { query: { part: PART }, keep: false })
    expect(digests(merged)).toEqual(digests(all))
    expect(one.store.messages.length).toBe(3_000)
  })

  it('asks no further than one stretch ahead of its reader, and stops when the reader leaves', async () => {
    const big = Array.from({ length: 60_000 }, (_, index) =>
      storedMessage(testMessage(PART, START + index * 100)),
    )
    const one = await nodes.start([])
    const second = await nodes.start(big)
    await connectNodes(one, second)
    const answer = one.gossip.queries.query({ query: { part: PART } })
    for await (const { messages } of answer) {
      expect(messages.length).toBeGreaterThan(0)
      let held = -1
      await eventually(async () => {
        const before = held
        held = one.store.messages.length
        await new Promise((resolve) => setTimeout(resolve, 300))
        return held === before
      })
      expect(held).toBeLessThan(45_000)
      break
    }
    const held = one.store.messages.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(one.store.messages.length).toBe(held)
  })

  it('throws the reason of its signal', async () => {
    const one = await nodes.start(all)
    const second = await nodes.start(share(1, 2))
    await connectNodes(one, second)
    const abort = new AbortController()
    const reading = (async () => {
      for await (const batch of one.gossip.queries.query({ query: { part: PART }, signal: abort.signal })) {
        expect(batch.messages.length).toBeGreaterThan(0)
        abort.abort(new Error('never mind'))
      }
    })()
    await expect(reading).rejects.toThrow('never mind')
  })

  it('answers from this node alone where there are no peers, or none that hold the part', async () => {
    const one = await nodes.start(all)
    expect(digests((await readAnswer(one, { query: { part: PART } })).merged)).toEqual(digests(all))
    const second = await nodes.start([])
    second.gossip.announcements.unfollow(PART)
    await connectNodes(one, second)
    const { merged, report } = await readAnswer(one, { query: { part: PART, last: 5 } })
    expect(digests(merged)).toEqual(digests(all.slice(-5)))
    expect(report).toMatchObject({ peers: [], isComplete: true })
  })

  it('goes on with what is here when its deadline has passed', async () => {
    const one = await nodes.start(share(0, 2))
    const second = await nodes.start(share(1, 2))
    await connectNodes(one, second)
    const { merged, report } = await readAnswer(one, { query: { part: PART }, deadlineMs: 1 })
    expect(digests(merged)).toEqual(digests(share(0, 2)))
    expect(report.isComplete).toBe(false)
    expect(report.unreached[0]).toMatchObject({
      why: 'deadline',
      address: second.gossip.host.address,
      claimed: 3_000,
    })
  })

  it('sends peers what they lack where both want that', async () => {
    const one = await nodes.start(share(0, 2))
    const second = await nodes.start(share(1, 2), { isHealing: () => true })
    await connectNodes(one, second)
    await readAnswer(one, { query: { part: PART }, heal: true })
    expect(digests([...second.store.messages].sort(compareMessages))).toEqual(digests(all))
  })
})
