import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Shared build machines stall now and then: there a test may fail once. On a developer's machine it may not. */
const retry = process.env.CI ? 1 : 0

export default defineConfig({
  test: {
    retry,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          retry,
          // One worker alone, what is left of two cores, would leave half of them idle: these tests wait for threads.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/fault/**/*.test.ts'],
          // Far above what they take: a bound here is for what hangs, not for a machine that many share.
          testTimeout: 300_000,
          retry,
          hookTimeout: 300_000,
          pool: 'forks',
          // Most of a suite's time is waiting for networks and processes: two at a time keep two cores busy.
          maxWorkers: 2,
        },
      },
    ],
  },
})
