import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseResolution } from '../../../electron/node/store/read/resolution.ts'
import { spliceBuckets } from '../../../renderer/api/splice.ts'
import { createTileCache, type Stretch, type TileRequest } from '../../../renderer/api/tile-cache.ts'
import { TILE_SPANS_MS, tileGridFor, tileIndices } from '../../../renderer/api/tile-ladder.ts'

type Point = { from: number }

/** A node with one point a second, that notes what it is asked and answers when told to. */
function createNode(latest: { value: number }) {
  const requests: (TileRequest & {
    signal: AbortSignal
    answer: () => Promise<void>
    fail: () => Promise<void>
  })[] = []
  const changes = { count: 0 }
  const cache = createTileCache<Point[]>({
    load: (request, signal) =>
      new Promise((resolve, reject) => {
        const settle = async (end: () => void) => {
          end()
          await new Promise((done) => setImmediate(done))
        }
        const points: Point[] = []
        const start = Math.ceil(request.from / 1_000) * 1_000
        for (let at = start; at < Math.min(request.to, latest.value); at += 1_000) points.push({ from: at })
        requests.push({
          ...request,
          signal,
          answer: () => settle(() => resolve(points)),
          fail: () => settle(() => reject(new Error('refused'))),
        })
      }),
    splice: spliceBuckets,
    bucketMs: () => 0,
    weigh: (points) => points.length,
    onChange: () => {
      changes.count += 1
    },
    now: () => 0,
  })
  return { cache, requests, changes }
}

const MINUTE = 60_000
const window: Stretch = { from: 10 * MINUTE, to: 15 * MINUTE }

async function answerAll(requests: { answer: () => Promise<void> }[]): Promise<void> {
  for (const request of requests.splice(0)) await request.answer()
}

const pointsOf = (answers: { value: Point[] }[]) =>
  answers.flatMap(({ value }) => value.map(({ from }) => from))

describe('the grid of tiles', () => {
  it('covers any window with few tiles, and asks for one to two buckets a pixel', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 365 * 86_400_000 }),
        fc.integer({ min: 100, max: 4_000 }),
        fc.integer({ min: 0, max: 1e13 }),
        (span, px, from) => {
          const grid = tileGridFor(span, px)
          const indices = tileIndices(grid, from, from + span)
          expect(TILE_SPANS_MS).toContain(grid.spanMs)
          expect((indices[0] ?? 0) * grid.spanMs).toBeLessThanOrEqual(from)
          expect(((indices.at(-1) ?? 0) + 1) * grid.spanMs).toBeGreaterThanOrEqual(from + span)
          expect(indices.length).toBeLessThanOrEqual(3)
          // Twice the width asked for is the number of buckets; no tile asks for more than it has pixels.
          const tilePx = px * (grid.spanMs / span)
          expect(grid.widthPx).toBeLessThanOrEqual(Math.max(64, tilePx))
        },
      ),
    )
  })
})

describe('the cache of tiles', () => {
  it('asks once for what a window needs, and not again for a window that only moves within it', async () => {
    const { cache, requests } = createNode({ value: 60 * MINUTE })
    cache.want(window, 1_000)
    expect(requests).toHaveLength(1)
    await answerAll(requests)
    cache.want({ from: window.from + 1, to: window.to }, 1_000)
    expect(requests).toHaveLength(0)
    expect(pointsOf(cache.read(window, 1_000))).toHaveLength(300)
    expect(cache.state(window, 1_000)).toEqual({ complete: true, error: null })
  })

  it('reads again only the tail that has changed', async () => {
    const latest = { value: 12 * MINUTE }
    const { cache, requests } = createNode(latest)
    cache.want(window, 1_000)
    await answerAll(requests)
    latest.value += 2_000
    cache.invalidate({ from: 12 * MINUTE, to: 12 * MINUTE + 1_001 })
    cache.want(window, 1_000)
    expect(requests).toHaveLength(1)
    const [tail] = requests
    expect((tail?.to ?? 0) - (tail?.from ?? 0)).toBeLessThan(MINUTE)
    expect(tail?.widthPx).toBeGreaterThanOrEqual(16)
    await answerAll(requests)
    const points = pointsOf(cache.read(window, 1_000))
    expect(points).toEqual(Array.from({ length: 122 }, (_, index) => window.from + index * 1_000))
  })

  it('reads again what changed while it was being read', async () => {
    const { cache, requests } = createNode({ value: 60 * MINUTE })
    cache.want(window, 1_000)
    cache.invalidate({ from: 14 * MINUTE, to: 14 * MINUTE + 1 })
    await answerAll(requests)
    cache.want(window, 1_000)
    expect(requests).toHaveLength(1)
  })

  it('aborts what no window needs any more, and asks for it again when it is', async () => {
    const { cache, requests } = createNode({ value: 60 * MINUTE })
    cache.want(window, 1_000)
    const [first] = requests
    cache.want({ from: 30 * MINUTE, to: 35 * MINUTE }, 1_000)
    expect(first?.signal.aborted).toBe(true)
    await answerAll(requests)
    expect(pointsOf(cache.read(window, 1_000))).toHaveLength(0)
    cache.want(window, 1_000)
    expect(requests).toHaveLength(1)
  })

  it('answers from another zoom level until its own has come', async () => {
    const { cache, requests } = createNode({ value: 60 * MINUTE })
    cache.want(window, 1_000)
    await answerAll(requests)
    const close = { from: 11 * MINUTE, to: 11 * MINUTE + 20_000 }
    cache.want(close, 1_000)
    const answers = cache.read(close, 1_000)
    const covered = answers.filter(({ stretch }) => stretch.from <= close.from && stretch.to >= close.to)
    expect(answers.length).toBeGreaterThan(0)
    expect(covered.length + answers.length).toBeGreaterThan(0)
    expect(cache.state(close, 1_000).complete).toBe(false)
  })

  it('keeps what it has when the node fails, and says why it is not complete', async () => {
    const { cache, requests } = createNode({ value: 60 * MINUTE })
    cache.want(window, 1_000)
    await requests.splice(0)[0]?.fail()
    expect(cache.state(window, 1_000)).toMatchObject({ complete: false, error: new Error('refused') })
    // Not at once: the pause before it tries again is not over.
    cache.want(window, 1_000)
    expect(requests).toHaveLength(0)
  })

  it('leaves no hole and counts nothing twice, whatever changes in whatever order', async () => {
    const changes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(changes, async (steps) => {
        const latest = { value: window.from }
        const { cache, requests } = createNode(latest)
        for (const seconds of steps) {
          const before = latest.value
          latest.value += seconds * 1_000
          cache.invalidate({ from: before, to: latest.value })
          cache.want(window, 1_000)
          await answerAll(requests)
        }
        cache.want(window, 1_000)
        await answerAll(requests)
        const shown = pointsOf(cache.read(window, 1_000)).filter((at) => at < window.to)
        const expected = Math.min(
          300,
          steps.reduce((sum, step) => sum + step, 0),
        )
        expect(shown).toEqual(Array.from({ length: expected }, (_, index) => window.from + index * 1_000))
      }),
      { numRuns: 60 },
    )
  })
})

/** Buckets as the node makes them, of a history that grows: their length depends on what is asked for. */
function createMergingNode(messages: number[]) {
  const asked: TileRequest[] = []
  type Answer = { grainMs: number; buckets: { from: number; to: number; count: number }[] }
  const read = (from: number, to: number, widthPx: number): Answer => {
    const { bucketMs } = chooseResolution(from, to - 1, 2 * widthPx, 10_000)
    const buckets = new Map<number, { from: number; to: number; count: number }>()
    for (const at of messages) {
      const index = Math.floor(at / bucketMs)
      // Those that the edges cut are whole.
      if (index < Math.floor(from / bucketMs) || index > Math.floor((to - 1) / bucketMs)) continue
      const bucket = buckets.get(index) ?? { from: at, to: at, count: 0 }
      buckets.set(index, { from: bucket.from, to: at, count: bucket.count + 1 })
    }
    return { grainMs: bucketMs, buckets: [...buckets.values()].sort((a, b) => a.from - b.from) }
  }
  const cache = createTileCache<Answer>({
    load: async (request) => {
      asked.push(request)
      return read(request.from, request.to, request.widthPx)
    },
    bucketMs: (answer) => answer.grainMs,
    splice: (base, fresh, stretch) => ({
      ...base,
      buckets: spliceBuckets(base.buckets, fresh.buckets, stretch),
    }),
    weigh: (answer) => answer.buckets.length,
    onChange: () => undefined,
  })
  return { cache, asked }
}

describe('the cache of merged buckets', () => {
  const settled = () => new Promise((done) => setImmediate(done))

  it('counts every message once, whatever the zoom and however the history grows', async () => {
    const growth = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 10 })
    const spans = fc.integer({ min: 20_000, max: 40 * 3_600_000 })
    await fc.assert(
      fc.asyncProperty(spans, fc.integer({ min: 200, max: 2_000 }), growth, async (span, px, steps) => {
        const from = 1_700_000_000_000
        const window = { from, to: from + span }
        const messages: number[] = []
        const { cache } = createMergingNode(messages)
        cache.want(window, px)
        await settled()
        let at = from
        for (const [index, step] of steps.entries()) {
          const first = at
          for (let count = 0; count < 25; count += 1) {
            at += Math.max(1, Math.floor((step * span) / 4_000_000 / (1 + (index % 3))))
            messages.push(at)
          }
          cache.invalidate({ from: first, to: at + 1 })
          cache.want(window, px)
          await settled()
          cache.want(window, px)
          await settled()
        }
        const counted = cache
          .read(window, px)
          .flatMap(({ value, stretch }) =>
            value.buckets.filter((b) => b.from >= stretch.from && b.from < stretch.to),
          )
          .reduce((sum, bucket) => sum + bucket.count, 0)
        const lastTile = cache.read(window, px).at(-1)?.stretch.to ?? 0
        expect(counted).toBe(messages.filter((message) => message < lastTile).length)
      }),
      { numRuns: 200 },
    )
  })

  it('reads the tail alone while buckets keep their length', async () => {
    const hour = 3_600_000
    const window = { from: 100 * hour, to: 101 * hour }
    const messages: number[] = []
    const { cache, asked } = createMergingNode(messages)
    cache.want(window, 600)
    await settled()
    asked.length = 0
    for (let at = window.from + 1; at < window.from + 20 * 60_000; at += 60_000) {
      messages.push(at)
      cache.invalidate({ from: at, to: at + 1 })
      cache.want(window, 600)
      await settled()
    }
    expect(asked).toHaveLength(20)
    for (const request of asked) expect(request.to - request.from).toBeLessThan(5 * 60_000)
  })
})
