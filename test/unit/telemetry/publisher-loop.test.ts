import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Collector } from '../../../electron/node/telemetry/collector.ts'
import {
  createPublisherLoop,
  type PublisherLoop,
  type PublisherLoopOptions,
} from '../../../electron/node/telemetry/publisher-loop.ts'
import { createQuietLogger } from './quiet-logger.ts'

interface Sample {
  n: number
}
const START = 1_700_000_000_250

let loop: PublisherLoop | undefined
beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(async () => {
  const stopped = loop?.stop()
  await vi.advanceTimersByTimeAsync(10_000)
  await stopped
  loop = undefined
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function counting(sample: () => Promise<Sample>): Collector<Sample> & { closed: boolean } {
  return {
    name: 'counting',
    schema: {},
    closed: false,
    sample,
    async close() {
      this.closed = true
    },
  }
}

async function startLoop(
  publish: PublisherLoopOptions<Sample>['publish'],
  options: Partial<PublisherLoopOptions<Sample>> = {},
): Promise<PublisherLoop> {
  let n = 0
  const collector = counting(async () => ({ n: n++ }))
  const clock = { now: () => Date.now() }
  loop = createPublisherLoop({
    collector,
    publish,
    intervalMs: 1_000,
    clock,
    logger: createQuietLogger(),
    ...options,
  })
  await loop.start()
  return loop
}

describe('the publisher loop', () => {
  it('publishes on whole seconds, without drift, with the time each sample was measured', async () => {
    const times: number[] = []
    await startLoop(async (_sample, timestamp) => {
      times.push(timestamp)
    })
    await vi.advanceTimersByTimeAsync(600_000)
    expect(times).toHaveLength(600)
    expect(times[0]).toBe(1_700_000_001_000)
    expect(times.every((time) => time % 1_000 === 0)).toBe(true)
    expect(new Set(times).size).toBe(600)
  })

  it('skips ticks while a sample is slow, and never has two under way', async () => {
    let underWay = 0
    let most = 0
    const collector = counting(async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((done) => setTimeout(done, 3_500))
      underWay -= 1
      return { n: 1 }
    })
    const running = await startLoop(async () => undefined, { collector })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(most).toBe(1)
    expect(running.status()).toMatchObject({ published: 4, skipped: 15 })
  })

  it('survives failures, leaves longer and longer pauses, and is back when publishing works', async () => {
    let works = false
    const attempts: number[] = []
    const logger = createQuietLogger()
    const running = await startLoop(
      async (_sample, timestamp) => {
        attempts.push(timestamp)
        if (!works) throw new Error('the network is down')
      },
      { logger },
    )
    await vi.advanceTimersByTimeAsync(120_000)
    const pauses = attempts.slice(1).map((time, index) => time - (attempts[index] ?? 0))
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    expect(running.status()).toMatchObject({
      state: 'backing-off',
      published: 0,
      failure: { message: 'the network is down' },
    })
    works = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(running.status()).toMatchObject({ state: 'running', failure: null })
    expect(running.status().published).toBeGreaterThan(25)
    expect(logger.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('gives up on publishes that hang, and with a few of them under way begins no more', async () => {
    // Deadlines of AbortSignal are not among the timers that vitest can fake.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((delayMs) => {
      const deadline = new AbortController()
      setTimeout(() => deadline.abort(new DOMException('late', 'TimeoutError')), delayMs)
      return deadline.signal
    })
    let begun = 0
    const running = await startLoop(() => {
      begun += 1
      return new Promise(() => undefined)
    })
    await vi.advanceTimersByTimeAsync(15_000)
    expect(running.status()).toMatchObject({ failed: 1, failure: { message: 'It took too long.' } })
    await vi.advanceTimersByTimeAsync(3_600_000)
    expect(begun).toBe(4)
    expect(running.status()).toMatchObject({ published: 0, failed: 4 })
  })

  it('a timer that fires early by the clock does not make a tick come twice', async () => {
    const times: number[] = []
    // A clock that runs slow by a thousandth: every timer is a millisecond early by it.
    const clock = { now: () => START + Math.floor((Date.now() - START) * 0.999) }
    await startLoop(
      async (_sample, timestamp) => {
        times.push(timestamp)
      },
      { clock },
    )
    await vi.advanceTimersByTimeAsync(100_000)
    const seconds = times.map((time) => Math.floor(time / 1_000))
    expect(new Set(seconds).size).toBe(times.length)
    expect(times.every((time) => time % 1_000 < 5)).toBe(true)
    expect(times.length).toBeGreaterThan(95)
  })

  it('a clock that is set back or ahead costs no more than one interval', async () => {
    const times: number[] = []
    await startLoop(async (_sample, timestamp) => {
      times.push(timestamp)
    })
    await vi.advanceTimersByTimeAsync(5_000)
    vi.setSystemTime(START - 3_600_000)
    await vi.advanceTimersByTimeAsync(5_000)
    vi.setSystemTime(START + 3_600_000)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(times.length).toBeGreaterThanOrEqual(13)
    expect(times.length).toBeLessThanOrEqual(16)
  })

  it('puts each tick off by less than the jitter it was given', async () => {
    const offsets: number[] = []
    await startLoop(
      async (_sample, timestamp) => {
        offsets.push(timestamp % 1_000)
      },
      { jitterMs: 200 },
    )
    await vi.advanceTimersByTimeAsync(60_000)
    expect(offsets.length).toBeGreaterThanOrEqual(59)
    expect(Math.max(...offsets)).toBeLessThan(201)
    expect(new Set(offsets).size).toBeGreaterThan(10)
  })

  it('stopping ends a publish that is under way, closes the collector and leaves no timer', async () => {
    const collector = counting(async () => ({ n: 1 }))
    let aborted = false
    const running = await startLoop(
      (_sample, _timestamp, signal) =>
        new Promise((_done, failed) => {
          signal.addEventListener('abort', () => {
            aborted = true
            failed(signal.reason)
          })
        }),
      { collector },
    )
    await vi.advanceTimersByTimeAsync(1_000)
    await running.stop()
    expect(aborted).toBe(true)
    expect(collector.closed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
    expect(running.status()).toMatchObject({ state: 'stopped', failed: 0 })
  })
})
