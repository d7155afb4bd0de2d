import { describe, expect, test } from 'vitest'
import { run } from './disk.ts'

describe('a disk that fails', () => {
  test('loses nothing that was acknowledged, and storing goes on when it is well again', {
    timeout: 600_000,
  }, async (context) => {
    const report = await run(6)
    const skipped = report.notes.filter((note) => note.startsWith('skipped'))
    context.annotate(skipped.join('; ') || 'nothing was skipped')
    expect(report.notes.filter((note) => !note.startsWith('skipped'))).toEqual([])
    expect(report.lost).toBe(0)
    if (skipped.length === 2) context.skip('neither strace nor a small disk can be had here')
    expect(report.acknowledged).toBeGreaterThan(0)
  })
})
