import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHistorySource } from '../../../renderer/api/history-source.ts'
import { spliceBuckets } from '../../../renderer/api/splice.ts'
import { createTileCache, type Stretch } from '../../../renderer/api/tile-cache.ts'
import type { FeedEvent } from '../../../shared/feed.ts'

type Point = { from: number }

const PART = 'a#0'
const SECOND = 1_000
const NOW = 120 * SECOND
/** Two tiles of a minute, of which the first begins long before the present. */
const WINDOW: Stretch = { from: 0, to: NOW }
const WIDTH_PX = 600

/** A page that looks at a history of one message a second. */
function lookAtHistory() {
  const held = { from: 0 }
  const asked: Stretch[] = []
  const window = { isHidden: false }
  const hear = new Set<(event: FeedEvent) => void>()
  const source = createHistorySource<Point[], number[]>({
    part: PART,
    context: {
      feed: {
        subscribe(listener) {
          hear.add(listener)
          return () => hear.delete(listener)
        },
        stop: () => undefined,
      },
      onRegained: () => () => undefined,
      isHidden: () => window.isHidden,
    },
    join: (answers) => answers.flatMap(({ value }) => value.map(({ from }) => from)),
    makeCache: (events) =>
      createTileCache<Point[]>({
        async load({ from, to }) {
          asked.push({ from, to })
          const points: Point[] = []
          const first = Math.max(held.from, Math.ceil(from / SECOND) * SECOND)
          for (let at = first; at < Math.min(to, NOW); at += SECOND) points.push({ from: at })
          return points
        },
        splice: spliceBuckets,
        bucketMs: () => 0,
        weigh: (points) => points.length,
        ...events,
      }),
  })
  const tell = async (event: FeedEvent) => {
    for (const listener of hear) listener(event)
    await vi.runAllTimersAsync()
  }
  return { held, asked, window, source, tell }
}

const dropped = (from: number, to: number, part = PART): FeedEvent => ({ kind: 'dropped', part, from, to })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the history on screen', () => {
  it('no longer shows what retention has dropped since it was read', async () => {
    const { held, source, tell } = lookAtHistory()
    source.subscribe(() => undefined)
    source.want(WINDOW, WIDTH_PX)
    await vi.runAllTimersAsync()
    expect(source.read(WINDOW, WIDTH_PX)).toHaveLength(120)
    held.from = 50 * SECOND
    await tell(dropped(0, 50 * SECOND))
    expect(source.read(WINDOW, WIDTH_PX)[0]).toBe(50 * SECOND)
    expect(source.read(WINDOW, WIDTH_PX)).toHaveLength(70)
    source.dispose()
  })

  it('reads nothing again for what was dropped from another stream, and not what lies between old and new', async () => {
    const { asked, source, tell } = lookAtHistory()
    source.subscribe(() => undefined)
    source.want(WINDOW, WIDTH_PX)
    await vi.runAllTimersAsync()
    asked.length = 0
    await tell(dropped(0, 50 * SECOND, 'b#0'))
    expect(asked).toEqual([])
    void tell(dropped(0, SECOND))
    const news = { stored: 1, verdicts: { verified: 1, pending: 0, unauthorised: 0, forged: 0 } }
    await tell({ kind: 'stored', part: PART, ...news, firstTimestamp: NOW - 1, lastTimestamp: NOW - 1 })
    expect(asked.length).toBeGreaterThan(0)
    const isAskedFor = (at: number) => asked.some(({ from, to }) => from <= at && at < to)
    expect(isAskedFor(0)).toBe(true)
    expect(isAskedFor(NOW - 1)).toBe(true)
    expect(isAskedFor(50 * SECOND)).toBe(false)
    source.dispose()
  })

  it('of a hidden window reads nothing until it is looked at', async () => {
    const { held, asked, window, source, tell } = lookAtHistory()
    source.subscribe(() => undefined)
    source.want(WINDOW, WIDTH_PX)
    await vi.runAllTimersAsync()
    asked.length = 0
    window.isHidden = true
    held.from = 50 * SECOND
    await tell(dropped(0, 50 * SECOND))
    expect(asked).toEqual([])
    window.isHidden = false
    source.want(WINDOW, WIDTH_PX)
    await vi.runAllTimersAsync()
    expect(source.read(WINDOW, WIDTH_PX)[0]).toBe(50 * SECOND)
    source.dispose()
  })
})
