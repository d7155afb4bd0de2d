import { expect, test } from 'vitest'
import { run } from './publish.ts'

/** `npm run fault -- publish` does it 100 times; at every point of a publisher it is done in its unit tests. */
const TIMES = 12

test('a log is readable and whole after each SIGKILL of its publisher', { timeout: 300_000 }, async () => {
  const report = await run(TIMES)
  expect(report).toMatchObject({ tried: TIMES, lost: 0, failures: 0 })
  expect(report.acknowledged).toBeGreaterThan(0)
})
