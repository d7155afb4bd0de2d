import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { MessageStore, VerifiedMessage } from '../../../electron/node/ports.ts'
import { PYRAMID_LEVELS_MS } from '../../../shared/chart.ts'
import { naiveCharts } from './naive-charts.ts'
import { chainOf, EPOCH, PART, publisherName, syntheticMessage } from './synthetic-messages.ts'

const HOUR = 3_600_000
const PUBLISHERS = [1, 2, 3].map(publisherName)

const shape = fc
  .record({
    // Crowded moments and a long thin rest: buckets of one message and of many, on every level.
    at: fc.oneof(
      fc.nat({ max: 4_000 }),
      fc.nat({ max: 600_000 }),
      fc.nat({ max: 3 * 24 * HOUR }),
      fc.nat({ max: 5_000 }).map((second) => second * 1_000),
    ),
    sequence: fc.nat({ max: 1 }),
    publisher: fc.integer({ min: 1, max: 3 }),
    chain: fc.constantFrom('a', 'b'),
    back: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
    content: fc.record(
      {
        load: fc.integer({ min: -50, max: 50 }),
        deep: fc.record({ flag: fc.boolean() }),
        mode: fc.constantFrom('on', 'off'),
      },
      { requiredKeys: [] },
    ),
    outcome: fc.constantFrom(
      ...(['verified', 'verified', 'verified', 'pending', 'unauthorised', 'forged'] as const),
    ),
  })
  .map(({ back, outcome, at, ...rest }) =>
    syntheticMessage({
      ...rest,
      at,
      verdict: outcome,
      previous: back === undefined || back > at ? undefined : { timestamp: EPOCH + at - back, sequence: 0 },
    }),
  )

/** Messages of which no two have the same id, so that each has its place in every order. */
function distinctMessages(count: number, seed: number): VerifiedMessage[] {
  const messages = fc.sample(shape, { numRuns: count, seed })
  return [...new Map(messages.map((message) => [JSON.stringify(message.id), message])).values()]
}

const window = fc
  .tuple(
    fc.oneof(fc.nat({ max: 10_000 }), fc.nat({ max: HOUR }), fc.nat({ max: 72 * HOUR })),
    fc.oneof(fc.nat({ max: 10_000 }), fc.nat({ max: HOUR }), fc.nat({ max: 96 * HOUR })),
    fc.integer({ min: 1, max: 400 }),
  )
  .map(([start, length, widthPx]) => ({
    from: EPOCH + start - 1_000,
    to: EPOCH + start - 1_000 + length,
    widthPx,
  }))

/** Charts, timelines and states of every engine, against going through a list. */
export function chartConformance(store: () => MessageStore): void {
  describe('charts', () => {
    test('any window shows what the messages in it say, in at most two buckets a pixel', async () => {
      const messages = distinctMessages(1_500, 5)
      await store().append(messages)
      const naive = naiveCharts(messages)
      const levels = new Set<number>()
      await fc.assert(
        fc.asyncProperty(window, async ({ from, to, widthPx }) => {
          const answer = await store().chart({ part: PART, fields: ['load', 'nothing'], from, to, widthPx })
          levels.add(answer.levelMs)
          const expected = PUBLISHERS.flatMap((publisher) => {
            const series = naive.series('load', publisher, from, to, answer.levelMs)
            return series === undefined ? [] : [series]
          })
          expect(answer.series.toSorted((a, b) => (a.publisher < b.publisher ? -1 : 1))).toEqual(expected)
          for (const { buckets } of answer.series) expect(buckets.length).toBeLessThanOrEqual(2 * widthPx)
        }),
        { numRuns: 150 },
      )
      expect(levels.has(0)).toBe(true)
      expect(levels.size).toBeGreaterThan(4)
    })

    test('messages that come late, one transaction after the other, count in the rows that are there', async () => {
      const messages = distinctMessages(400, 11)
      for (let from = 0; from < messages.length; from += 25)
        await store().append(messages.slice(from, from + 25))
      const naive = naiveCharts(messages)
      for (const widthPx of [3, 40, 400]) {
        const range = { from: EPOCH, to: EPOCH + 72 * HOUR }
        const answer = await store().chart({ part: PART, fields: ['load'], ...range, widthPx })
        const expected = PUBLISHERS.flatMap(
          (publisher) => naive.series('load', publisher, range.from, range.to, answer.levelMs) ?? [],
        )
        expect(answer.series.toSorted((a, b) => (a.publisher < b.publisher ? -1 : 1))).toEqual(expected)
      }
    })

    test('a copy that goes long after newer messages came leaves nothing of itself behind', async () => {
      const copy = syntheticMessage({
        verdict: 'pending',
        reason: 'rpc-unavailable',
        salt: 9,
        content: { load: 1 },
      })
      const beside = syntheticMessage({ at: 300, content: { load: 2 } })
      await store().append([copy, beside, syntheticMessage({ at: 7 * HOUR, content: { load: 3 } })])
      const genuine = syntheticMessage({ salt: 1, content: { load: 1 } })
      await store().append([genuine])
      const answer = await store().chart({
        part: PART,
        fields: ['load'],
        from: EPOCH,
        to: EPOCH + 72 * HOUR,
        widthPx: 40,
      })
      const messages = [genuine, beside, syntheticMessage({ at: 7 * HOUR, content: { load: 3 } })]
      const expected = naiveCharts(messages).series(
        'load',
        publisherName(1),
        EPOCH,
        EPOCH + 72 * HOUR,
        answer.levelMs,
      )
      expect(answer.series).toEqual([expected])
    })

    test('a window far wider than its messages, and one of no length, are answered', async () => {
      await store().append(chainOf(3))
      const wide = await store().chart({ part: PART, fields: ['value'], from: 0, to: 4e12, widthPx: 1 })
      expect(wide.series[0]?.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(3)
      expect(wide.series[0]?.buckets.length).toBeLessThanOrEqual(2)
      const point = await store().chart({
        part: PART,
        fields: ['value'],
        from: EPOCH,
        to: EPOCH,
        widthPx: 100,
      })
      expect(point).toMatchObject({ levelMs: 0, series: [{ buckets: [{ from: EPOCH, count: 1 }] }] })
      const backwards = await store().chart({
        part: PART,
        fields: ['value'],
        from: EPOCH,
        to: EPOCH - 1,
        widthPx: 9,
      })
      expect(backwards.series).toEqual([])
    })

    test('the expected interval is the typical one, also where much is missing', async () => {
      const regular = chainOf(300)
      await store().append([...regular.slice(0, 100), ...regular.slice(250)])
      for (const widthPx of [20, 1_000]) {
        const { expectedIntervalMs } = await store().chart({
          part: PART,
          fields: ['value'],
          from: EPOCH,
          to: EPOCH + 300_000,
          widthPx,
        })
        expect(expectedIntervalMs).toBe(1_000)
      }
    })

    test('messages of one second are told apart when the window is narrow', async () => {
      await store().append(Array.from({ length: 50 }, (_, index) => syntheticMessage({ at: index * 20 })))
      const { levelMs, series } = await store().chart({
        part: PART,
        fields: ['value'],
        from: EPOCH + 100,
        to: EPOCH + 500,
        widthPx: 500,
      })
      expect(levelMs).toBe(0)
      expect(series[0]?.buckets.map(({ from }) => from - EPOCH)).toEqual(
        Array.from({ length: 21 }, (_, index) => 100 + index * 20),
      )
    })
  })

  describe('timeline', () => {
    test('any window counts what the messages in it are, in no more buckets than asked for', async () => {
      const messages = distinctMessages(1_500, 6)
      await store().append(messages)
      const naive = naiveCharts(messages)
      await fc.assert(
        fc.asyncProperty(window, async ({ from, to, widthPx }) => {
          const answer = await store().timeline(PART, from, to, widthPx)
          expect(answer.buckets).toEqual(naive.timeline(from, to, answer.levelMs))
          expect(answer.buckets.length).toBeLessThanOrEqual(Math.max(2, widthPx))
        }),
        { numRuns: 100 },
      )
    })
  })

  describe('states', () => {
    test('steps of text and boolean fields are found where they happened', async () => {
      const messages = distinctMessages(600, 7).filter(({ id }) => id.sequence === 0)
      // One state an instant: which of two at the same instant comes first is nobody's to say.
      const byInstant = [
        ...new Map(messages.map((entry) => [`${entry.id.publisher}${entry.id.timestamp}`, entry])).values(),
      ]
      await store().append(byInstant)
      const naive = naiveCharts(byInstant)
      await fc.assert(
        fc.asyncProperty(window, fc.constantFrom('deep.flag', 'mode'), async ({ from, to }, field) => {
          const answer = await store().states({ part: PART, fields: [field], from, to, widthPx: 2_000 })
          for (const publisher of PUBLISHERS) {
            const changes = answer.find((series) => series.publisher === publisher)?.changes ?? []
            expect(changes).toEqual(naive.states(field, publisher, from, to))
          }
        }),
        { numRuns: 60 },
      )
    })
  })

  describe('fields', () => {
    test('are found by themselves, nested ones by path, with their last value', async () => {
      await store().append([
        syntheticMessage({
          at: 0,
          content: { cpu: { cores: [{ load: 1 }, { load: 2 }] }, up: true, mode: 'eco' },
        }),
        syntheticMessage({ at: 5_000, content: { cpu: { cores: [{ load: 3 }] }, mode: 'full' } }),
      ])
      expect(await store().fields(PART)).toEqual([
        {
          path: 'cpu.cores.0.load',
          kind: 'number',
          indexed: true,
          lastValue: 3,
          lastTimestamp: EPOCH + 5_000,
        },
        { path: 'cpu.cores.1.load', kind: 'number', indexed: true, lastValue: 2, lastTimestamp: EPOCH },
        { path: 'up', kind: 'boolean', indexed: true, lastValue: true, lastTimestamp: EPOCH },
        { path: 'mode', kind: 'text', indexed: true, lastValue: 'full', lastTimestamp: EPOCH + 5_000 },
      ])
    })

    test('a field whose kind of value changes keeps both, each where it belongs', async () => {
      await store().append([
        syntheticMessage({ at: 0, content: { x: 1 } }),
        syntheticMessage({ at: 1_000, content: { x: 'off' } }),
        syntheticMessage({ at: 2_000, content: { x: 2 } }),
      ])
      const query = { part: PART, fields: ['x'], from: EPOCH, to: EPOCH + 10_000, widthPx: 100 }
      const { series } = await store().chart(query)
      expect(series[0]?.buckets.map(({ last }) => last)).toEqual([1, 2])
      expect(await store().states(query)).toEqual([
        { publisher: publisherName(1), field: 'x', changes: [{ at: EPOCH + 1_000, state: 'off' }] },
      ])
    })

    test('beyond the bound they are listed as not indexed, and the others go on', async () => {
      const many = (prefix: string, count: number) =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, index]))
      await store().append([
        syntheticMessage({ at: 0, content: many('a', 200) }),
        syntheticMessage({ at: 1_000, content: many('b', 100) }),
      ])
      const fields = await store().fields(PART)
      expect(fields).toHaveLength(300)
      expect(fields.filter(({ indexed }) => indexed)).toHaveLength(256)
      const { series } = await store().chart({
        part: PART,
        fields: ['a199', 'b55', 'b56'],
        from: EPOCH,
        to: EPOCH + 9_000,
        widthPx: 10,
      })
      expect(series.map(({ field }) => field)).toEqual(['a199', 'b55'])
    })

    test('values of unauthorised and forged messages are counted, never drawn', async () => {
      await store().append([
        syntheticMessage({ at: 0, content: { x: 1 } }),
        syntheticMessage({ at: 100, content: { x: 1_000 }, verdict: 'unauthorised' }),
        syntheticMessage({ at: 200, content: { x: -1_000 }, verdict: 'forged' }),
      ])
      const { series } = await store().chart({
        part: PART,
        fields: ['x'],
        from: EPOCH - HOUR,
        to: EPOCH + HOUR,
        widthPx: 10,
      })
      expect(series[0]?.buckets).toMatchObject([{ count: 1, min: 1, max: 1, worst: 'forged' }])
    })
  })

  describe('verdicts that change', () => {
    test('move counts, values, fingerprints and gaps with them', async () => {
      const [first, , third] = chainOf(3, { content: { x: 5 } }) as [
        VerifiedMessage,
        VerifiedMessage,
        VerifiedMessage,
      ]
      const waiting = { ...third, verdict: 'pending', reason: 'permission-unknown' } as const
      await store().append([first, waiting])
      const query = { part: PART, fields: ['x'], from: EPOCH - HOUR, to: EPOCH + HOUR, widthPx: 4 }
      const [fine, coarse] = [PYRAMID_LEVELS_MS[0], PYRAMID_LEVELS_MS[5]]
      expect((await store().pending(10)).map(({ id }) => id)).toEqual([third.id])
      expect(await store().gaps(PART, 10)).toHaveLength(1)
      const alone = await store().fingerprints(PART, coarse, EPOCH, EPOCH + HOUR)
      expect(alone).toMatchObject([{ from: EPOCH, count: 1, sum: new Uint8Array(first.digest) }])

      const { id, digest } = third
      const [notice] = await store().decide([
        { id, digest, verdict: 'verified', reason: 'signed-and-permitted' },
      ])
      expect(notice).toMatchObject({ stored: 0, verdicts: { verified: 1 }, firstTimestamp: id.timestamp })
      expect(await store().pending(10)).toEqual([])
      expect(await store().fingerprints(PART, fine, EPOCH, EPOCH + HOUR)).toHaveLength(2)
      expect(await store().fingerprints(PART, coarse, EPOCH, EPOCH + HOUR)).not.toEqual(alone)
      expect((await store().chart(query)).series[0]?.buckets).toMatchObject([{ count: 2, worst: 'verified' }])

      await store().decide([{ id, digest, verdict: 'unauthorised', reason: 'no-publish-permission' }])
      expect((await store().chart(query)).series[0]?.buckets).toMatchObject([
        { count: 1, worst: 'unauthorised' },
      ])
      expect(await store().gaps(PART, 10)).toEqual([])
      expect(await store().fingerprints(PART, coarse, EPOCH, EPOCH + HOUR)).toEqual(alone)
      expect((await store().statistics())[0]).toMatchObject({
        messages: 2,
        gaps: 0,
        verdicts: { unauthorised: 1 },
      })

      expect(await store().decide([{ id, digest, verdict: 'forged', reason: 'signature-invalid' }])).toEqual(
        [],
      )
      expect((await store().get(id))[0]?.verdict).toBe('unauthorised')
    })

    test('a message stored as pending that comes again with a verdict gets it', async () => {
      const message = syntheticMessage()
      await store().append([{ ...message, verdict: 'pending', reason: 'permission-unknown' }])
      expect(await store().append([message])).toMatchObject({ stored: 0, duplicates: 1 })
      expect((await store().get(message.id)).map(({ verdict }) => verdict)).toEqual(['verified'])
    })

    test('pending messages are listed oldest first, of all parts, page by page', async () => {
      const waiting = Array.from({ length: 30 }, (_, index) =>
        syntheticMessage({
          at: (index * 7) % 30,
          partition: index % 2,
          publisher: 1 + (index % 3),
          verdict: 'pending',
          reason: index % 3 === 0 ? 'rpc-unavailable' : 'permission-unknown',
        }),
      )
      await store().append([...waiting, syntheticMessage({ at: 99 })])
      const listed: number[] = []
      for (
        let page = await store().pending(7);
        page.length > 0;
        page = await store().pending(7, page.at(-1)?.id)
      ) {
        listed.push(...page.map(({ id }) => id.timestamp - EPOCH))
      }
      expect(listed).toEqual(waiting.map(({ id }) => id.timestamp - EPOCH).sort((a, b) => a - b))
    })
  })
}
