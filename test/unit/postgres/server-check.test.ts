import { describe, expect, it } from 'vitest'
import { unsuitableServer } from '../../../electron/node/postgres/server-check.ts'

const GOOD = { number: 150_004, encoding: 'UTF8', readOnly: 'off' }

describe('a database server', () => {
  it('will do from version 13 on, with UTF8, where it takes changes', () => {
    expect(unsuitableServer(GOOD)).toBeNull()
    expect(unsuitableServer({ ...GOOD, number: 130_000 })).toBeNull()
  })

  it.each([
    ['is too old', { number: 120_019 }, 'database-unsuitable', 'too old'],
    ['says no version that can be read', { number: Number.NaN }, 'database-unsuitable', 'too old'],
    ['keeps text otherwise', { encoding: 'LATIN1' }, 'database-unsuitable', 'LATIN1'],
    ['is read-only', { readOnly: 'on' }, 'database-read-only', 'read-only'],
  ])('that %s is refused in words', (_, change, code, word) => {
    const problem = unsuitableServer({ ...GOOD, ...change })
    expect(problem).toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
    expect(problem?.message).toContain(word)
  })
})
