import { describe, expect, it } from 'vitest'
import { stopInTime } from '../../../electron/host/stop-in-time.ts'
import { recordingLogger } from '../store/store-folder.ts'

/** Long enough never to be reached. */
const FOR_EVER_MS = 600_000

describe('a stop that has a deadline', () => {
  it('is clean when all has stopped', async () => {
    const logger = recordingLogger()
    expect(await stopInTime(async () => undefined, { deadlineMs: FOR_EVER_MS, logger })).toBe(0)
    expect(logger.lines).toEqual([])
  })

  it('is cut short where something hangs, and says so', async () => {
    const logger = recordingLogger()
    expect(await stopInTime(() => new Promise(() => undefined), { deadlineMs: 20, logger })).toBe(1)
    expect(JSON.stringify(logger.lines)).toContain('cut short')
  })

  it('is not clean where something fails, and says what', async () => {
    const logger = recordingLogger()
    const stop = async () => {
      throw new Error('the disk is full')
    }
    expect(await stopInTime(stop, { deadlineMs: FOR_EVER_MS, logger })).toBe(1)
    expect(JSON.stringify(logger.lines)).toContain('stopping failed')
  })
})
