import { describe, expect, test } from 'vitest'
import { kill } from './kill.ts'

describe('SIGKILL during ingest', () => {
  test('no message that was acknowledged is lost in 200 kills', { timeout: 600_000 }, async () => {
    const report = await kill({ times: 200 })
    expect(report.notes).toEqual([])
    expect(report.tried).toBe(200)
    expect(report.acknowledged).toBeGreaterThan(1_000)
    expect(report.lost).toBe(0)
  })

  test('a store that acknowledges before it commits is found out', { timeout: 300_000 }, async () => {
    const report = await kill({ times: 12, mutant: true })
    expect(report.acknowledged).toBeGreaterThan(0)
    expect(report.lost).toBeGreaterThan(0)
  })
})
