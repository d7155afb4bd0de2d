import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KEEPERS, MODES, RemoteLogScenario } from './remote-log-scenario.ts'

/** `npm run fault -- remote-log` does the same with 10,000. */
const COUNT = 300

let scenario: RemoteLogScenario

beforeAll(async () => {
  scenario = await RemoteLogScenario.create(COUNT)
})

afterAll(() => scenario.end())

describe.each(KEEPERS)('a log kept by %s', (kind) => {
  it.each(MODES)(
    `of mode %s gives another node all ${COUNT} messages, verified, when its author is gone`,
    async (mode) => {
      const { published, restored, isSame } = await scenario.run(kind, mode)
      expect(published).toBe(COUNT)
      expect(restored).toMatchObject({ isComplete: true, verified: COUNT, findings: [], newestFirst: true })
      expect(isSame).toBe(true)
    },
  )
})
