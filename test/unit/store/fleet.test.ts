import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WeightedValues } from '../../../electron/node/store/read/weighted-values.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { FleetWindow } from '../../../shared/fleet.ts'
import { recordingLogger, temporaryFolder } from './store-folder.ts'
import { EPOCH, PART, publisherName, syntheticMessage } from './synthetic-messages.ts'

const folder = temporaryFolder()
let store: SqliteStore
beforeAll(async () => {
  store = await openSqliteStore({
    file: join(folder.path, 'tidemark.sqlite'),
    logger: recordingLogger(),
    clock: Date,
  })
  // Publisher 1 speaks every second, 2 fell silent, 3 sends in batches, 4 is a stranger, 5 was last here a day ago.
  const said = (publisher: number, at: number, cpu: number, height: number, extra: object = {}) =>
    syntheticMessage({ publisher, at, content: { cpu, height, version: `v${publisher}` }, ...extra })
  await store.append([
    ...Array.from({ length: 60 }, (_, s) => said(1, 86_400_000 + s * 1_000, s, 100 + s)),
    ...Array.from({ length: 20 }, (_, s) => said(2, 86_400_000 + s * 1_000, 50, 90 + s)),
    ...Array.from({ length: 60 }, (_, s) =>
      said(3, 86_400_000 + s * 1_000, 10, 100 + s, { receivedAt: EPOCH + 86_400_000 + 60_000 }),
    ),
    said(4, 86_400_000 + 59_000, 9_999, 9_999, { verdict: 'unauthorised' }),
    said(5, 0, 1, 2),
  ])
})
afterAll(async () => {
  await store.close()
  folder.remove()
})

const NOW = EPOCH + 86_400_000 + 60_000
const view = (over: object = {}): Promise<FleetWindow> =>
  store.fleet({
    part: PART,
    from: NOW - 60_000,
    to: NOW,
    fields: ['cpu', 'absent'],
    latest: ['height', 'version'],
    ...over,
  })
const memberOf = (window: FleetWindow, publisher: number) =>
  window.members.find((member) => member.publisher === publisherName(publisher))

describe('the fleet of a stream part', () => {
  it('tells of each publisher its percentiles, its newest words, how it speaks and when it spoke last', async () => {
    const window = await view()
    expect(window).toMatchObject({ bucketMs: 1_000, publishers: 5 })
    expect(memberOf(window, 1)).toMatchObject({
      messages: { verified: 60, unauthorised: 0 },
      newest: { timestamp: NOW - 1_000, verdict: 'verified' },
      pauseMs: 1_000,
      lagMs: 5,
      latest: [{ value: 159 }, { value: 'v1' }],
      figures: [{ last: 59, count: 60, min: 0, p50: 29, p95: 56, max: 59 }, null],
    })
    expect(memberOf(window, 2)).toMatchObject({
      newest: { timestamp: NOW - 41_000 },
      latest: [{ value: 109 }, { value: 'v2' }],
    })
    expect(memberOf(window, 3)?.lagMs).toBe(16_000)
  })

  it('knows the last words of one that has said nothing in the window', async () => {
    expect(memberOf(await view(), 5)).toMatchObject({
      messages: { verified: 0 },
      newest: { timestamp: EPOCH },
      pauseMs: null,
      latest: [{ value: 2 }, { value: 'v5' }],
      figures: [null, null],
    })
  })

  it('leaves strangers out of what the fleet needs', async () => {
    const window = await view()
    expect(memberOf(window, 4)).toMatchObject({
      newest: { verdict: 'unauthorised' },
      messages: { unauthorised: 1 },
    })
    expect(window.totals[0]).toMatchObject({ count: 140, max: 59 })
    expect(window.totals[1]).toBeNull()
  })

  it('looks back from any time', async () => {
    const window = await view({ from: EPOCH, to: EPOCH + 1_000 })
    expect(memberOf(window, 5)).toMatchObject({
      messages: { verified: 1 },
      latest: [{ value: 2 }, { value: 'v5' }],
    })
    expect(memberOf(window, 1)).toMatchObject({ newest: null })
  })

  it('answers nothing for a part or a window that is none', async () => {
    expect(await view({ part: '0xabc/nothing#0' })).toMatchObject({ members: [], publishers: 0 })
    expect(await view({ to: NOW - 100_000 })).toMatchObject({ members: [] })
  })
})

describe('a fleet of a thousand', () => {
  it('is read from coarser statistics, all of it, over any window', async () => {
    const part = '0xabc/crowd#0'
    for (let batch = 0; batch < 12; batch++) {
      await store.append(
        Array.from({ length: 1_000 }, (_, at) => {
          const content = { cpu: at, height: batch }
          return syntheticMessage({
            streamId: '0xabc/crowd',
            publisher: 10_000 + at,
            at: batch * 10_000,
            content,
          })
        }),
      )
    }
    await store.append([
      syntheticMessage({ streamId: '0xabc/crowd', publisher: 99_999, at: 1_000, content: { cpu: 1 } }),
    ])
    const to = EPOCH + 120_000
    const crowd = await store.fleet({ part, from: EPOCH, to, fields: ['cpu'], latest: ['height'] })
    expect(crowd).toMatchObject({ publishers: 1_001, bucketMs: 10_000 })
    expect(crowd.members).toHaveLength(1_000)
    expect(crowd.totals[0]).toMatchObject({ count: 12_000, min: 0, p50: 499, p95: 949, max: 999 })
    const years = await store.fleet({ part, from: EPOCH - 3e11, to, fields: ['cpu'], latest: ['height'] })
    expect(years.bucketMs).toBe(86_400_000)
    // Sixty buckets each are all that is read: the window begins where they do.
    expect(years.from).toBe(EPOCH - 59 * 86_400_000)
    expect(years.totals[0]).toMatchObject({ count: 12_000 })
  })
})

describe('values of buckets with their weights', () => {
  it('give the quantiles of the messages exactly while a bucket has at most three', () => {
    const buckets = fc.array(
      fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 3 }),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(buckets, fc.constantFrom(0, 0.5, 0.95, 1), (all, share) => {
        const values = new WeightedValues()
        for (const bucket of all) values.addBucket(figuresOf(bucket))
        const sorted = all.flat().sort((a, b) => a - b)
        const at = Math.max(0, Math.ceil(share * sorted.length) - 1)
        expect(values.quantiles([share])[0]).toBeCloseTo(sorted[at] as number, 9)
      }),
    )
  })

  it('never leave the bounds of what was measured', () => {
    const bucket = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), {
      minLength: 1,
      maxLength: 50,
    })
    fc.assert(
      fc.property(bucket, fc.double({ min: 0, max: 1, noNaN: true }), (measured, share) => {
        const values = new WeightedValues()
        values.addBucket(figuresOf(measured))
        const [quantile = Number.NaN] = values.quantiles([share])
        expect(quantile).toBeGreaterThanOrEqual(Math.min(...measured))
        expect(quantile).toBeLessThanOrEqual(Math.max(...measured))
        expect(values.count).toBe(measured.length)
      }),
    )
  })
})

/** Count, sum, min and max as a row of the pyramid has them. */
function figuresOf(values: readonly number[]): Float64Array {
  const figures = new Float64Array(10)
  figures.set([
    values.length,
    values.reduce((sum, value) => sum + value, 0),
    Math.min(...values),
    Math.max(...values),
  ])
  return figures
}
