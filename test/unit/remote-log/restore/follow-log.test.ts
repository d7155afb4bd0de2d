import { describe, expect, it } from 'vitest'
import { followLog } from '../../../../electron/node/remote-log/restore/follow-log.ts'
import type { LogReader, RestoreReport } from '../../../../electron/node/remote-log/restore/log-reader.ts'

/** A reader whose runs end as told. */
function scripted(runs: ('ok' | 'fails')[], controller: AbortController): LogReader {
  return {
    restore: async () => {
      const run = runs.shift()
      if (runs.length === 0) controller.abort(new Error('enough'))
      if (run === 'fails') throw new Error('away')
      return { name: 'n' } as RestoreReport
    },
    status: () => Promise.reject(new Error('not asked for')),
    locate: () => Promise.reject(new Error('not asked for')),
  }
}

describe('following a log', () => {
  it('asks again and again, tells what fails, and goes on', async () => {
    const controller = new AbortController()
    const told: string[] = []
    await followLog({
      reader: scripted(['ok', 'fails', 'fails', 'ok', 'ok'], controller),
      intervalMs: 1,
      onReport: () => told.push('report'),
      onProblem: () => told.push('problem'),
      signal: controller.signal,
    })
    expect(told).toEqual(['report', 'problem', 'problem', 'report', 'report'])
  })

  it('ends at once when told to, however long the interval', async () => {
    const controller = new AbortController()
    const reader = scripted(['ok', 'ok', 'ok'], new AbortController())
    await followLog({
      reader,
      intervalMs: 1_000_000,
      onReport: () => setTimeout(() => controller.abort(new Error('enough')), 5),
      onProblem: () => undefined,
      signal: controller.signal,
    })
    expect(controller.signal.aborted).toBe(true)
  })

  it('does not begin when it is told to stop before', async () => {
    const reports: RestoreReport[] = []
    await followLog({
      reader: scripted(['ok'], new AbortController()),
      intervalMs: 1,
      onReport: (report) => reports.push(report),
      onProblem: () => undefined,
      signal: AbortSignal.abort(),
    })
    expect(reports).toEqual([])
  })
})
