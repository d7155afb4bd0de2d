import { describe, expect, it } from 'vitest'
import { runPostgresFaults } from '../../fault/postgres.ts'
import { POSTGRES_MISSING } from '../../support/postgres-cluster.ts'

const title = POSTGRES_MISSING === null ? 'a database that goes away' : `skipped: ${POSTGRES_MISSING}`

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  it('by kill -9, by standing still, and by a disk that is full, loses nothing that was acknowledged and doubles nothing', {
    timeout: 300_000,
  }, async () => {
    const report = await runPostgresFaults({ times: 2, stopMs: 0 })
    const isSkipped = report.notes.some((note) => note.startsWith('skipped'))
    expect(report).toMatchObject({ tried: isSkipped ? 2 : 3, lost: 0, failures: 0 })
    expect(report.notes.join()).not.toContain('is called')
    expect(report.acknowledged).toBeGreaterThan(4_000)
  })
})
