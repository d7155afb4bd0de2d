import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { compareMessages } from '../../../electron/node/message/order.ts'
import type {
  MessageQuery,
  MessageStore,
  StoredMessage,
  VerifiedMessage,
} from '../../../electron/node/ports.ts'
import { MAX_KNOWN_GAPS } from '../../../electron/node/store/limits.ts'
import type { StoreLocation } from '../../../electron/node/store/reader-connection.ts'
import type { MessageRef } from '../../../shared/message.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import { chartConformance } from './chart-conformance.ts'
import { schemaConformance } from './schema-conformance.ts'
import { chainOf, EPOCH, PART, publisherName, STREAM, syntheticMessage } from './synthetic-messages.ts'

/** A store under test, and how to end it. */
export interface OpenedStore {
  store: MessageStore
  /** Where other threads read it. */
  location: StoreLocation
  dispose(): Promise<void>
}

export async function collect(batches: AsyncIterable<StoredMessage[]>): Promise<StoredMessage[]> {
  const all: StoredMessage[] = []
  for await (const batch of batches) all.push(...batch)
  return all
}

/** What of a stored message does not depend on the store. */
export function view({ id, digest, verdict, raw }: StoredMessage | VerifiedMessage) {
  return { id, digest: Buffer.from(digest).toString('hex'), verdict, raw: Buffer.from(raw).toString('hex') }
}

/** What every engine behind `MessageStore` must do. */
export function messageStoreConformance(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} as a message store`, () => {
    // Opening starts threads: on a machine that is busy with other tests that takes seconds.
    vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })
    let opened: OpenedStore
    let store: MessageStore
    beforeEach(async () => {
      opened = await open()
      store = opened.store
    })
    afterEach(() => opened.dispose())

    describe('append', () => {
      test('a message is read back as it came', async () => {
        const message = syntheticMessage({ content: { cpu: { load: 0.5 } } })
        const result = await store.append([message])
        expect(result).toMatchObject({ stored: 1, duplicates: 0, equivocations: 0 })
        const [read] = await collect(store.query({ part: PART }))
        expect(read).toEqual({
          id: message.id,
          digest: new Uint8Array(message.digest),
          verdict: 'verified',
          reason: 'signed-and-permitted',
          equivocation: false,
          encrypted: false,
          source: 'live',
          receivedAt: message.receivedAt,
          raw: message.raw,
        })
      })

      test('a message that comes again is stored once, whatever brought it', async () => {
        const message = syntheticMessage()
        await store.append([message, message])
        const again = await store.append([
          { ...message, source: 'peer:x', receivedAt: message.receivedAt + 9 },
        ])
        expect(again).toMatchObject({ stored: 0, duplicates: 1 })
        expect(await collect(store.query({ part: PART }))).toHaveLength(1)
      })

      test('two contents of one message id are both kept and marked', async () => {
        const one = syntheticMessage({ content: { value: 1 } })
        const other = syntheticMessage({ content: { value: 2 } })
        await store.append([one])
        const result = await store.append([other])
        expect(result).toMatchObject({ stored: 1, equivocations: 1 })
        const read = await store.get(one.id)
        expect(read.map(({ equivocation }) => equivocation)).toEqual([true, true])
        expect((await store.statistics())[0]).toMatchObject({ messages: 2, equivocations: 1 })
      })

      test('a clock out of bounds is marked, counted, found in history and shown on the timeline', async () => {
        const HOUR = 3_600_000
        const at = (time: number, receivedAt: number, source = 'live') =>
          syntheticMessage({ at: time - EPOCH, receivedAt, source })
        await store.append([
          at(EPOCH, EPOCH + 5),
          // At the bounds, and what came by asking for it: of any age.
          at(EPOCH + 10_000, EPOCH + 5_000),
          at(EPOCH + 20_000, EPOCH + 320_000),
          at(EPOCH + 30_000, EPOCH + 30_000 + 24 * HOUR, 'peer:x'),
          // Ahead, and live but behind.
          at(EPOCH + 40_000, EPOCH + 34_999),
          at(EPOCH + HOUR, EPOCH + HOUR + 300_001),
        ])
        const marked = (query: Partial<MessageQuery> = {}) =>
          collect(store.query({ part: PART, marks: ['clock'], ...query })).then((messages) =>
            messages.map(({ id }) => id.timestamp - EPOCH),
          )
        expect(await marked()).toEqual([40_000, HOUR])
        expect(await marked({ order: 'descending' })).toEqual([HOUR, 40_000])
        expect(await marked({ from: { timestamp: EPOCH + 40_001, sequence: 0 } })).toEqual([HOUR])
        expect(await marked({ marks: ['equivocation'] })).toEqual([])
        expect((await store.statistics())[0]).toMatchObject({ messages: 6, clocksOff: 2 })
        const { buckets } = await store.timeline(PART, EPOCH, EPOCH + HOUR + 10_000, 400)
        const off = buckets.filter(({ clockOff }) => clockOff)
        const covers = (time: number) => off.some(({ from, to }) => from <= time && time < to)
        expect([off.length, covers(EPOCH + 40_000), covers(EPOCH + HOUR)]).toEqual([2, true, true])
        expect(buckets.length).toBeGreaterThan(4)
        // What is held back until its time counts, too.
        await store.append([at(EPOCH + 50 * 365 * 24 * HOUR, EPOCH)])
        expect((await store.statistics())[0]).toMatchObject({ messages: 6, clocksOff: 3 })
      })

      test('a notice tells what was stored, after it can be read', async () => {
        const heard: unknown[] = []
        const stop = store.onStored((notices) => heard.push(...notices))
        const messages = chainOf(3)
        const { parts } = await store.append(messages)
        expect(parts).toEqual([
          {
            part: PART,
            stored: 3,
            duplicates: 0,
            verdicts: { verified: 3, pending: 0, unauthorised: 0, forged: 0 },
            firstTimestamp: EPOCH,
            lastTimestamp: EPOCH + 2_000,
          },
        ])
        expect(heard).toEqual(parts)
        stop()
        await store.append(chainOf(1, { at: 60_000 }))
        expect(heard).toHaveLength(1)
      })

      test('bytes that are no message are counted and not served', async () => {
        const refused = {
          reason: 'malformed',
          source: 'live',
          receivedAt: EPOCH,
          raw: new Uint8Array([1, 2, 3]),
        }
        expect(await store.append([], [refused])).toMatchObject({ stored: 0, quarantined: 1 })
        expect(await collect(store.query({ part: PART, verdicts: VERDICTS }))).toEqual([])
      })

      test('a message from the future is kept apart and moves nothing', async () => {
        const now = EPOCH
        const ahead = syntheticMessage({ at: 3_600_000, receivedAt: now })
        const present = syntheticMessage({ at: 0, receivedAt: now })
        expect(await store.append([ahead, present])).toMatchObject({ stored: 1, held: 1 })
        expect((await store.statistics())[0]).toMatchObject({ messages: 1, lastTimestamp: EPOCH })
        expect(await collect(store.query({ part: PART }))).toHaveLength(1)
        expect((await store.timeline(PART, EPOCH, EPOCH + 86_400_000, 100)).buckets).toHaveLength(1)
      })
    })

    describe('messages that nobody proved', () => {
      test('a forged copy that comes first does not take the place of the genuine message', async () => {
        const forged = syntheticMessage({ verdict: 'forged', salt: 66 })
        const genuine = syntheticMessage({ salt: 1 })
        expect(forged.digest).toEqual(genuine.digest)
        await store.append([forged])
        expect(await store.append([genuine])).toMatchObject({ stored: 1, duplicates: 0, equivocations: 0 })
        expect((await collect(store.query({ part: PART }))).map(view)).toEqual([view(genuine)])
      })

      test('a forged message is served only to who asks for forged ones, and counted', async () => {
        await store.append([syntheticMessage({ verdict: 'forged' }), syntheticMessage({ at: 1_000 })])
        expect(await collect(store.query({ part: PART }))).toHaveLength(1)
        expect(await collect(store.query({ part: PART, verdicts: ['forged'] }))).toHaveLength(1)
        expect(await collect(store.query({ part: PART, verdicts: VERDICTS }))).toHaveLength(2)
        const { buckets } = await store.timeline(PART, EPOCH, EPOCH + 10_000, 100)
        expect(buckets.map(({ verdicts }) => verdicts.forged)).toEqual([1, 0])
        expect((await store.statistics())[0]?.verdicts).toMatchObject({ forged: 1, verified: 1 })
      })

      test('a copy whose signature is not decided does not keep the genuine message out, and goes when it comes', async () => {
        const copy = syntheticMessage({ verdict: 'pending', reason: 'rpc-unavailable', salt: 9 })
        await store.append([copy])
        expect((await store.pending(10)).map(view)).toEqual([view(copy)])
        const genuine = syntheticMessage({ salt: 1 })
        expect(await store.append([genuine])).toMatchObject({ stored: 1 })
        expect(await store.pending(10)).toEqual([])
        expect((await store.get(genuine.id)).map(view)).toEqual([view(genuine)])
        expect((await store.statistics())[0]).toMatchObject({
          messages: 1,
          verdicts: { verified: 1, pending: 0 },
        })
      })

      test('of two undecided copies the decision names the one it is about', async () => {
        const shape = { verdict: 'pending', reason: 'rpc-unavailable' } as const
        const [good, bad] = [syntheticMessage({ ...shape, salt: 1 }), syntheticMessage({ ...shape, salt: 2 })]
        await store.append([bad, good])
        const { id, digest } = good
        await store.decide([{ id, digest, raw: bad.raw, verdict: 'forged', reason: 'signature-invalid' }])
        await store.decide([
          { id, digest, raw: good.raw, verdict: 'verified', reason: 'signed-and-permitted' },
        ])
        expect((await collect(store.query({ part: PART }))).map(({ raw }) => raw)).toEqual([good.raw])
        expect(
          (await collect(store.query({ part: PART, verdicts: ['forged'] }))).map(({ raw }) => raw),
        ).toEqual([bad.raw])
      })
    })

    describe('chains', () => {
      test('a predecessor that nobody has shown is a gap until it comes', async () => {
        const [first, missing, third] = chainOf(3) as [VerifiedMessage, VerifiedMessage, VerifiedMessage]
        await store.append([first, third])
        expect(await store.gaps(PART, 10)).toEqual([
          {
            part: PART,
            publisher: publisherName(1),
            chain: 'chain',
            missing: { timestamp: EPOCH + 1_000, sequence: 0 },
            namedBy: { timestamp: EPOCH + 2_000, sequence: 0 },
          },
        ])
        expect((await store.statistics())[0]).toMatchObject({ gaps: 1 })
        expect(await store.neighbours(third.id)).toMatchObject({
          previous: { ref: { timestamp: EPOCH + 1_000, sequence: 0 }, stored: false },
          next: null,
        })
        await store.append([missing])
        expect(await store.gaps(PART, 10)).toEqual([])
        expect((await store.statistics())[0]).toMatchObject({ gaps: 0 })
        expect(await store.neighbours(missing.id)).toMatchObject({
          previous: { ref: { timestamp: EPOCH, sequence: 0 }, stored: true },
          next: { timestamp: EPOCH + 2_000, sequence: 0 },
        })
      })

      test('gaps are those of what is stored, however many are open and in whatever order they close', async () => {
        const chain = chainOf(90)
        const random = fc.sample(fc.double({ noNaN: true }), { numRuns: chain.length, seed: 3 })
        const order = chain.map((_, at) => at).sort((a, b) => (random[a] ?? 0) - (random[b] ?? 0))
        const stored = new Set<number>()
        let most = 0
        for (let from = 0; from < order.length; from += 6) {
          const slice = order.slice(from, from + 6)
          for (const at of slice) stored.add(at)
          await store.append(slice.map((at) => chain[at] as VerifiedMessage))
          const first = Math.min(...stored)
          const missing = [...stored].filter((at) => at > first && !stored.has(at - 1)).map((at) => at - 1)
          const gaps = await store.gaps(PART, 100)
          expect(gaps.map(({ missing: { timestamp } }) => timestamp).sort()).toEqual(
            missing.map((at) => EPOCH + at * 1_000).sort(),
          )
          expect((await store.statistics())[0]).toMatchObject({ gaps: missing.length })
          most = Math.max(most, missing.length)
        }
        expect(most).toBeGreaterThan(MAX_KNOWN_GAPS)
        expect(await store.gaps(PART, 100)).toEqual([])
      })

      test('what lies before the first message of a chain is history, not a gap, until something older comes', async () => {
        const chain = chainOf(4)
        await store.append(chain.slice(2))
        expect(await store.gaps(PART, 10)).toEqual([])
        const [oldest, second] = chain as [VerifiedMessage, VerifiedMessage]
        await store.append([oldest])
        expect(await store.gaps(PART, 10)).toHaveLength(1)
        await store.append([second])
        expect(await store.gaps(PART, 10)).toEqual([])
      })

      test('an unauthorised message fills a gap and opens none', async () => {
        const [first, second, third] = chainOf(3) as [VerifiedMessage, VerifiedMessage, VerifiedMessage]
        await store.append([first, third])
        const denied = { verdict: 'unauthorised', reason: 'no-publish-permission' } as const
        await store.append([{ ...second, ...denied }])
        expect(await store.gaps(PART, 10)).toEqual([])
        const [, , later] = chainOf(3, { at: 60_000 }) as VerifiedMessage[]
        await store.append([{ ...(later as VerifiedMessage), ...denied }])
        expect(await store.gaps(PART, 10)).toEqual([])
      })
    })
    queryConformance(() => store)
    chartConformance(() => store)
    schemaConformance(
      () => store,
      () => opened.location,
    )
  })
}

/** The answer to a query by the shortest means: sort, filter, slice. */
function naiveQuery(messages: readonly VerifiedMessage[], query: MessageQuery): VerifiedMessage[] {
  const verdicts = query.verdicts ?? ['verified', 'pending', 'unauthorised']
  const isBefore = (a: MessageRef, b: MessageRef): boolean =>
    a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence)
  let selected = [...messages]
    .sort(compareMessages)
    .filter(({ id }) => `${id.streamId}#${id.partition}` === query.part)
    .filter(({ id }) => query.from === undefined || !isBefore(id, query.from))
    .filter(({ id }) => query.to === undefined || !isBefore(query.to, id))
    .filter(({ id }) => query.publisher === undefined || id.publisher === query.publisher)
    .filter(({ id }) => query.chain === undefined || id.chain === query.chain)
    .filter(({ verdict }) => verdicts.includes(verdict))
  if (query.last !== undefined) selected = selected.slice(Math.max(0, selected.length - query.last))
  if (query.order === 'descending') selected.reverse()
  return selected.slice(0, query.limit)
}

const shape = fc.record({
  at: fc.oneof(
    fc.nat({ max: 4 }),
    fc.nat({ max: 40 }).map((tick) => tick * 900),
  ),
  sequence: fc.nat({ max: 2 }),
  publisher: fc.integer({ min: 1, max: 3 }),
  chain: fc.constantFrom('a', 'b', 'ü'),
  partition: fc.constantFrom(0, 0, 0, 1),
  content: fc.record({ value: fc.nat({ max: 3 }) }),
  verdict: fc.constantFrom(...VERDICTS, 'verified' as const),
})

const reference = fc.record({
  timestamp: fc
    .oneof(
      fc.nat({ max: 5 }),
      fc.nat({ max: 40 }).map((tick) => tick * 900),
    )
    .map((at) => EPOCH + at),
  sequence: fc.nat({ max: 3 }),
})

const queries: fc.Arbitrary<MessageQuery> = fc.record(
  {
    part: fc.constantFrom(PART, PART, `${STREAM}#1`),
    from: reference,
    to: reference,
    last: fc.nat({ max: 30 }),
    publisher: fc.integer({ min: 1, max: 4 }).map(publisherName),
    chain: fc.constantFrom('a', 'ü', 'never'),
    verdicts: fc.subarray([...VERDICTS], { minLength: 1 }),
    order: fc.constantFrom('ascending', 'descending'),
    limit: fc.nat({ max: 40 }),
  },
  { requiredKeys: ['part'] },
)

function queryConformance(store: () => MessageStore): void {
  describe('query', () => {
    test('answers are those of a sorted list, for any filters, bounds, direction and limit', async () => {
      // Signatures are all the same, so messages of one id and digest differ in their verdict alone: keep one each.
      const messages = [
        ...new Map(
          fc
            .sample(shape, { numRuns: 400, seed: 11 })
            .map((entry) => syntheticMessage(entry))
            .map((message) => [JSON.stringify([message.id, [...message.digest]]), message]),
        ).values(),
      ]
      await store().append(messages)
      await fc.assert(
        fc.asyncProperty(queries, async (query) => {
          const read = await collect(store().query(query))
          expect(read.map(view)).toEqual(naiveQuery(messages, query).map(view))
        }),
        { numRuns: 300 },
      )
    })

    test('bounds of sequence numbers at one timestamp are an intersection', async () => {
      await store().append(Array.from({ length: 10 }, (_, sequence) => syntheticMessage({ sequence })))
      const at = { timestamp: EPOCH, sequence: 0 }
      const read = await collect(
        store().query({ part: PART, from: { ...at, sequence: 3 }, to: { ...at, sequence: 5 } }),
      )
      expect(read.map(({ id }) => id.sequence)).toEqual([3, 4, 5])
    })

    test('a crowd of messages at one instant is read whole, in order, forwards and backwards', async () => {
      // More than a page holds, of fifty publishers with fifty chains each: every name is asked of the store once.
      const crowd = Array.from({ length: 2_500 }, (_, index) =>
        syntheticMessage({
          at: 1,
          publisher: 1 + (index % 50),
          chain: `chain ${Math.floor(index / 50)}`,
          content: { value: index },
        }),
      )
      const around = [syntheticMessage({ at: 2 })]
      for (let start = 0; start < crowd.length; start += 1_000)
        await store().append(crowd.slice(start, start + 1_000))
      await store().append(around)
      const expected = naiveQuery([...crowd, ...around], { part: PART }).map(view)
      expect((await collect(store().query({ part: PART }))).map(view)).toEqual(expected)
      const backwards = await collect(store().query({ part: PART, order: 'descending' }))
      expect(backwards.map(view)).toEqual(expected.toReversed())
      const last = await collect(store().query({ part: PART, last: 1_234 }))
      expect(last.map(view)).toEqual(expected.slice(-1_234))
    })

    test('a read that is stopped ends, and says that it was stopped', async () => {
      await store().append(chainOf(10))
      const abort = new AbortController()
      abort.abort()
      await expect(collect(store().query({ part: PART }, abort.signal))).rejects.toMatchObject({
        code: 'aborted',
      })
    })

    test('messages stored while a query runs neither repeat nor hide others', async () => {
      const chain = chainOf(6_000)
      await store().append(chain.filter((_, index) => index % 2 === 0))
      const seen: StoredMessage[] = []
      for await (const batch of store().query({ part: PART })) {
        if (seen.length === 0) await store().append(chain.filter((_, index) => index % 2 === 1))
        seen.push(...batch)
      }
      const times = seen.map(({ id }) => id.timestamp)
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      for (let index = 0; index < 6_000; index += 2) expect(times).toContain(EPOCH + index * 1_000)
    })
  })
}
