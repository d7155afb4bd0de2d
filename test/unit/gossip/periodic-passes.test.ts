import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PeriodicPasses } from '../../../electron/node/gossip/periodic-passes.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function start(work: () => Promise<void> = async () => undefined) {
  const begun: number[] = []
  const startedAt = performance.now()
  const passes = new PeriodicPasses({
    firstMs: 30,
    pauseMs: () => 300,
    work: () => {
      // Timers take whole milliseconds, up.
      begun.push(Math.floor((performance.now() - startedAt) / 10) * 10)
      return work()
    },
  })
  return { passes, begun }
}

describe('passes in the background', () => {
  it('begin after the first wait, and with a pause between two', async () => {
    const { begun } = start()
    await vi.advanceTimersByTimeAsync(700)
    expect(begun).toEqual([30, 330, 630])
  })

  it('are brought forward when one is wanted sooner, and never put off', async () => {
    const { passes, begun } = start()
    passes.passWithin(1_000)
    await vi.advanceTimersByTimeAsync(100)
    passes.passWithin(50)
    passes.passWithin(80)
    await vi.advanceTimersByTimeAsync(400)
    expect(begun).toEqual([30, 150, 450])
  })

  it('come soon after one during which another was wanted', async () => {
    const { passes, begun } = start(() => new Promise((resolve) => setTimeout(resolve, 100)))
    await vi.advanceTimersByTimeAsync(50)
    passes.passWithin(20)
    await vi.advanceTimersByTimeAsync(150)
    expect(begun).toEqual([30, 130])
  })

  it('end when they are stopped', async () => {
    const { passes, begun } = start()
    await passes.stop()
    passes.passWithin(0)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(begun).toEqual([])
  })
})
