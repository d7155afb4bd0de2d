import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { answerPeer } from '../../../../electron/node/gossip/reconcile/answerer.ts'
import { askPeer, type ReconcileReport } from '../../../../electron/node/gossip/reconcile/asker.ts'
import { createDigestSets, type DigestSets } from '../../../../electron/node/gossip/reconcile/digest-sets.ts'
import { FrameChannel } from '../../../../electron/node/gossip/reconcile/frame-channel.ts'
import type { StoredMessage } from '../../../../electron/node/ports.ts'
import { MemoryStore, storedMessage, testMessage } from '../memory-store.ts'
import { streamPair } from '../stream-pair.ts'

const PART = '0xaa/load#0'
const START = 1_700_000_000_000

const inline = createDigestSets()
const threaded = createDigestSets({ inlineIds: 0 })
afterAll(async () => {
  await inline.close()
  await threaded.close()
})

const refuse = async () => ({ stored: 0, refused: 0 })

interface Options {
  from?: number
  to?: number
  sets?: DigestSets
  heals?: boolean
}

async function reconcile(
  asker: MemoryStore,
  answerer: MemoryStore,
  { from = START, to = START + 3_600_000, sets = inline, heals = true }: Options = {},
): Promise<{ report: ReconcileReport; sent: number; received: number }> {
  const [here, there] = streamPair()
  const { signal } = new AbortController()
  const timeouts = { frameTimeoutMs: 5_000, sessionTimeoutMs: 10_000, signal }
  const askerChannel = new FrameChannel({ stream: here, ...timeouts })
  const answererChannel = new FrameChannel({ stream: there, ...timeouts })
  const answer = answerPeer({
    channel: answererChannel,
    store: answerer,
    sets,
    isShared: (part) => part === PART,
    isHealing: () => true,
    heal: async (_part, messages) => ({
      stored: answerer.add(messages.map(({ raw }) => storedMessage(raw))).length,
      refused: 0,
    }),
    signal,
  }).finally(() => answererChannel.close())
  const report = await askPeer({
    channel: askerChannel,
    store: asker,
    sets,
    part: PART,
    from,
    to,
    accept: async (messages) => void asker.add(messages.map(({ raw }) => storedMessage(raw))),
    heal: heals,
    signal,
  })
  await answer
  return { report, sent: askerChannel.traffic.sentBytes, received: askerChannel.traffic.receivedBytes }
}

const digestsOf = (store: MemoryStore): string[] =>
  store.messages.map(({ digest }) => Buffer.from(digest).toString('hex'))

/** Messages at seconds after the start. */
const at = (...seconds: number[]): StoredMessage[] =>
  seconds.map((second) => storedMessage(testMessage(PART, START + second * 1_000)))

const seconds = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

describe('reconciling with a peer', () => {
  it('leaves both with the union, for any two sets and any range, and moves nothing twice', async () => {
    const placed = fc.record({
      second: fc.integer({ min: 0, max: 900 }),
      sequence: fc.nat(2),
      text: fc.constantFrom('', 'x'),
      at: fc.constantFrom('asker', 'answerer', 'both'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(placed, { maxLength: 400 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 500 }),
        fc.boolean(),
        async (all, fromSecond, span, inThread) => {
          const side = (who: string): StoredMessage[] =>
            all
              .filter(({ at: holder }) => holder === who || holder === 'both')
              .map(({ second, sequence, text }) =>
                storedMessage(testMessage(PART, START + second * 1_000, sequence, text)),
              )
          const asker = new MemoryStore()
          asker.add(side('asker'))
          const answerer = new MemoryStore()
          answerer.add(side('answerer'))
          const from = START + fromSecond * 1_000
          const to = from + span * 1_000
          const union = new MemoryStore()
          union.add([...asker.messages, ...answerer.messages])
          const before = { asker: asker.messages.length, answerer: answerer.messages.length }
          const { report } = await reconcile(asker, answerer, {
            from,
            to,
            sets: inThread ? threaded : inline,
          })
          expect(report.outcome).toBe('complete')
          expect(report.fault).toBeNull()
          const within = (store: MemoryStore): string[] =>
            digestsOf(
              new MemoryStore(store.messages.filter(({ id }) => id.timestamp >= from && id.timestamp < to)),
            )
          expect(within(asker)).toEqual(within(union))
          expect(within(answerer)).toEqual(within(union))
          expect(asker.messages.length - before.asker).toBe(report.lacking)
          expect(answerer.messages.length - before.answerer).toBe(report.surplus)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('takes one round and a few kilobytes when nothing differs', async () => {
    const messages = at(...seconds(0, 3_000))
    const { report, sent, received } = await reconcile(new MemoryStore(messages), new MemoryStore(messages))
    expect(report).toMatchObject({ rounds: 1, lacking: 0, surplus: 0, received: 0 })
    expect(sent).toBeLessThan(256 * 8 + 100)
    expect(received).toBeLessThan(64)
  })

  it('streams a bucket of which one side has nothing, without a sketch', async () => {
    const asker = new MemoryStore()
    const { report } = await reconcile(asker, new MemoryStore(at(...seconds(0, 3_000))))
    expect(report).toMatchObject({ rounds: 2, lacking: 3_000, received: 3_000 })
    expect(asker.messages.length).toBe(3_000)
  })

  it('sends the list of ids where most of them differ', async () => {
    const asker = new MemoryStore(at(...seconds(0, 3_000).filter((second) => second % 10 === 0)))
    const answerer = new MemoryStore(at(...seconds(0, 3_000)))
    const { report, received } = await reconcile(asker, answerer)
    expect(report).toMatchObject({ rounds: 2, lacking: 2_700, received: 2_700 })
    const overhead = received - report.receivedMessageBytes - report.received * 3
    expect(overhead).toBeLessThan(3_000 * 4.3 + 1_000)
  })

  it('does not send what the peer lacks where one of them does not want that', async () => {
    const answerer = new MemoryStore()
    const { report } = await reconcile(new MemoryStore(at(1, 2, 3)), answerer, { heals: false })
    expect(report).toMatchObject({ surplus: 3, healed: { sent: 0 } })
    expect(answerer.messages.length).toBe(0)
  })

  it('finds both contents of an equivocation', async () => {
    const asker = new MemoryStore([storedMessage(testMessage(PART, START, 0, 'one'))])
    const answerer = new MemoryStore([storedMessage(testMessage(PART, START, 0, 'other'))])
    await reconcile(asker, answerer)
    expect(asker.messages.length).toBe(2)
    expect(digestsOf(answerer)).toEqual(digestsOf(asker))
  })

  it('is refused for a stream part the peer does not share', async () => {
    const [here, there] = streamPair()
    const { signal } = new AbortController()
    const timeouts = { frameTimeoutMs: 5_000, sessionTimeoutMs: 10_000, signal }
    const store = new MemoryStore()
    const channel = new FrameChannel({ stream: there, ...timeouts })
    const answer = answerPeer({
      channel,
      store,
      sets: inline,
      isShared: () => false,
      isHealing: () => false,
      heal: refuse,
      signal,
    })
    const report = await askPeer({
      channel: new FrameChannel({ stream: here, ...timeouts }),
      store,
      sets: inline,
      part: PART,
      from: START,
      to: START + 1_000,
      accept: async () => undefined,
      heal: false,
      signal,
    })
    expect(report.fault?.code).toBe('refused')
    expect((await answer).part).toBeNull()
    await channel.close()
  })

  it('reads the digests of a bucket that did not change from disk once', async () => {
    const messages = at(...seconds(0, 3_000))
    const answerer = new MemoryStore(messages)
    const sets = createDigestSets({ inlineIds: 0 })
    const ask = (without: number) =>
      reconcile(new MemoryStore(messages.filter((_, index) => index !== without)), answerer, {
        sets,
        heals: false,
      })
    await ask(1_500)
    const readOnce = answerer.digestsRead
    await ask(1_501)
    expect(readOnce).toBeGreaterThan(0)
    expect(answerer.digestsRead).toBe(readOnce)
    await sets.close()
  })
})
