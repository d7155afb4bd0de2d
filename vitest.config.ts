import { defineConfig } from 'vitest/config'

/** Shared build machines stall now and then: there a test may fail once. On a developer's machine it may not. */
const retry = process.env.CI ? 1 : 0

export default defineConfig({
  test: {
    retry,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 15_000, retry } },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts', 'test/fault/**/*.test.ts'],
          testTimeout: 120_000,
          retry,
          hookTimeout: 120_000,
          pool: 'forks',
          // Most of a suite's time is waiting for networks and processes: two at a time keep two cores busy.
          maxWorkers: 2,
        },
      },
    ],
  },
})
