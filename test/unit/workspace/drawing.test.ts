import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTransport } from '../../../renderer/features/workspace/transport.ts'
import { createFrameScheduler } from '../../../renderer/ui/chart/frame-scheduler.ts'
import { mergeToPixels } from '../../../renderer/ui/chart/merge-to-pixels.ts'
import type { ChartBucket } from '../../../shared/chart.ts'
import { createPlaybackClock, PLAYBACK_SPEEDS } from '../../../shared/playback-clock.ts'

describe('buckets merged to pixels', () => {
  it('keep every spike, every gap and every message, at any zoom', () => {
    const value = fc.double({ noNaN: true, min: -1e300, max: 1e300 })
    const bucket = fc.record({ value, gap: fc.boolean(), forged: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(bucket, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        (list, pxPerMs) => {
          const buckets = list.map(({ value: last, gap, forged }, index): ChartBucket => {
            const at = index * 1_000
            const worst = forged ? 'forged' : 'verified'
            return {
              from: at,
              to: at,
              count: 1,
              first: last,
              min: last,
              max: last,
              last,
              sum: 0,
              worst,
              gapBefore: gap,
            }
          })
          const merged = mergeToPixels(buckets, pxPerMs)
          expect(Math.min(...merged.map(({ min }) => min))).toBe(Math.min(...buckets.map(({ min }) => min)))
          expect(Math.max(...merged.map(({ max }) => max))).toBe(Math.max(...buckets.map(({ max }) => max)))
          expect(merged.reduce((sum, { count }) => sum + count, 0)).toBe(buckets.length)
          expect(merged.at(-1)?.last).toBe(buckets.at(-1)?.last)
          const gaps = (some: readonly ChartBucket[]) => some.filter(({ gapBefore }) => gapBefore).length
          expect(gaps(merged)).toBe(gaps(buckets))
          expect(merged.some(({ worst }) => worst === 'forged')).toBe(list.some(({ forged }) => forged))
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('frames with many panels', () => {
  it('have room for some long drawings, serve the others next, and starve none', () => {
    let now = 0
    let frame: (() => void) | null = null
    const scheduler = createFrameScheduler({
      requestFrame: (callback) => {
        frame = callback
        return 0
      },
      isHidden: () => false,
      onVisible: () => undefined,
      now: () => now,
    })
    const drawn = new Array<number>(20).fill(0)
    const draws = drawn.map((_, index) => {
      const draw = () => {
        if (scheduler.hasRoom()) {
          now += 3
          drawn[index] = (drawn[index] ?? 0) + 1
        } else scheduler.request(draw)
      }
      return draw
    })
    for (const draw of draws) scheduler.request(draw)
    for (let step = 0; step < 10; step += 1) {
      const due = frame as (() => void) | null
      frame = null
      due?.()
    }
    expect(drawn).toEqual(new Array(20).fill(1))
  })
})

describe('time that is looped and shifted', () => {
  it('goes through a loop at its speed, and takes along what it has run over', () => {
    let steady = 0
    const transport = createTransport({
      wallNow: () => 10_000_000,
      steadyNow: () => steady,
      view: {
        range: { kind: 'fixed', from: 0, to: 100_000 },
        playhead: 20_000,
        playing: false,
        speed: 10,
        loop: null,
      },
    })
    transport.setLoop({ from: 50_000, to: 60_000 })
    transport.play()
    expect(transport.now().playhead).toBe(50_000)
    steady += 1_250
    transport.settle()
    expect(transport.now()).toMatchObject({ mode: 'playing', playhead: 52_500 })
    transport.setLoop(null)
    steady += 1_000
    transport.settle()
    expect(transport.now().playhead).toBe(62_500)
    transport.pause()
    transport.shift(-60_000)
    expect(transport.now().playhead).toBe(2_500)
  })

  it.each(PLAYBACK_SPEEDS)('holds %d times the speed, however long the frames take', (speed) => {
    let steady = 0
    const start = 1_000_000
    const transport = createTransport({
      wallNow: () => 1e15,
      steadyNow: () => steady,
      view: {
        range: { kind: 'fixed', from: start, to: start + 60_000 },
        playhead: start,
        playing: true,
        speed,
        loop: null,
      },
    })
    // A day at 1000x is 86.4 s: as long as that for each speed, in frames of one to 300 ms.
    for (let frame = 0; steady < 86_400; frame += 1) {
      steady = Math.min(86_400, steady + 1 + ((frame * 7_919) % 300))
      transport.settle()
      const { from, to, playhead } = transport.now()
      expect(playhead).toBeCloseTo(start + steady * speed, 3)
      expect(playhead).toBeGreaterThanOrEqual(from)
      expect(playhead).toBeLessThanOrEqual(to)
    }
    expect(transport.now().playhead).toBeCloseTo(start + 86_400 * speed, 3)
  })

  it.each(PLAYBACK_SPEEDS)('loops at %d times the speed without losing what it has run over', (speed) => {
    let steady = 0
    const loop = { from: 10_000, to: 17_000 }
    const transport = createTransport({
      wallNow: () => 1e15,
      steadyNow: () => steady,
      view: { range: { kind: 'fixed', from: 0, to: 60_000 }, playhead: 10_000, playing: true, speed, loop },
    })
    for (let frame = 0; frame < 2_000; frame += 1) {
      steady += 16 + (frame % 5)
      transport.settle()
    }
    const ran = (steady * speed) % (loop.to - loop.from)
    expect(transport.now().playhead).toBeCloseTo(loop.from + ran, 2)
  })

  it('keeps its place when the speed is changed on the way', () => {
    let steady = 0
    const clock = createPlaybackClock({ now: () => steady, position: 0, speed: 1_000, playing: true })
    steady += 86_400
    clock.setSpeed(0.01)
    steady += 100_000
    expect(clock.state().position).toBeCloseTo(86_401_000, 6)
  })
})
