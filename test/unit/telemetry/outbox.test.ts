import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDiskOutbox } from '../../../electron/node/telemetry/disk-outbox.ts'
import { OUTBOX_START, type Outbox } from '../../../electron/node/telemetry/outbox.ts'
import { createQuietLogger } from './quiet-logger.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-outbox-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const disk = (maxBytes = 1_000_000): Outbox =>
  openDiskOutbox({ file: join(folder, 'outbox.sqlite'), maxBytes, logger: createQuietLogger() })
const entry = (
  timestamp: number,
  dueAt = timestamp,
  content: Record<string, unknown> = { a: timestamp },
) => ({
  timestamp,
  source: 'machine',
  dueAt,
  content,
})
const times = (outbox: Outbox, now = 1e15): number[] =>
  outbox.read(OUTBOX_START, now, 100).map(({ timestamp }) => timestamp)

describe('an outbox', () => {
  it('gives what is due, in order, behind a position, until it is removed', () => {
    const outbox = disk()
    for (const at of [10, 20, 30]) outbox.add(entry(at))
    outbox.add(entry(5, 25))
    const read = outbox.read(OUTBOX_START, 25, 10)
    expect(read.map(({ timestamp }) => timestamp)).toEqual([10, 20, 5])
    expect(read[0]).toMatchObject({ source: 'machine', content: { a: 10 } })
    const first = read[0] as { dueAt: number; id: number }
    expect(outbox.read(first, 1_000, 2).map(({ timestamp }) => timestamp)).toEqual([20, 5])
    outbox.remove(read.map(({ id }) => id))
    outbox.remove([999])
    expect(times(outbox, 1_000)).toEqual([30])
    expect(outbox.size()).toMatchObject({ entries: 1, oldestTimestamp: 30, dropped: 0 })
    outbox.clear()
    expect(outbox.size()).toMatchObject({ entries: 0, oldestTimestamp: null })
    outbox.close()
  })

  it('does not keep back for years what was measured by a clock that has been set back since', () => {
    const outbox = disk()
    const year = 365 * 86_400_000
    outbox.add(entry(year))
    outbox.add(entry(1_000, 60_000))
    expect(times(outbox, 2_000)).toEqual([year])
    outbox.close()
  })
})

describe('an outbox on disk', () => {
  it('has after a start what it had before', () => {
    const before = disk()
    before.add(entry(1))
    before.add(entry(2))
    before.close()
    const after = disk()
    expect(times(after)).toEqual([1, 2])
    expect(after.size()).toMatchObject({ entries: 2, sizeBytes: 14 })
    after.close()
  })

  it('gives up the oldest for the newest when it is full, and counts them', () => {
    const outbox = disk(30)
    for (let at = 1; at <= 9; at++) outbox.add(entry(at))
    expect(times(outbox)).toEqual([6, 7, 8, 9])
    expect(outbox.size()).toMatchObject({ entries: 4, dropped: 5, sizeBytes: 28 })
    outbox.close()
  })

  it('refuses a measurement that nobody would read', () => {
    const outbox = disk()
    expect(() => outbox.add(entry(1, 1, { text: 'x'.repeat(300_000) }))).toThrow('more than is published')
    expect(outbox.size().entries).toBe(0)
    outbox.close()
  })

  it('sets a damaged file aside and begins anew', () => {
    writeFileSync(join(folder, 'outbox.sqlite'), 'this is no database, whatever its name says'.repeat(50))
    const outbox = disk()
    outbox.add(entry(1))
    expect(times(outbox)).toEqual([1])
    outbox.close()
    expect(readdirSync(folder).some((name) => name.startsWith('outbox.sqlite.damaged-'))).toBe(true)
  })
})
