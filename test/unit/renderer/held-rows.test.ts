import { describe, expect, it } from 'vitest'
import { MAX_HELD_ROWS, rowKey, spliceRows, withNewer, withOlder } from '../../../renderer/api/held-rows.ts'
import { changesBetween } from '../../../shared/content-changes.ts'
import type { MessageRow } from '../../../shared/message.ts'

const row = (timestamp: number): MessageRow => ({
  id: { streamId: 's', partition: 0, timestamp, sequence: 0, publisher: '0x01', chain: 'c' },
  digest: timestamp.toString(16).padStart(64, '0'),
  verdict: 'verified',
  reason: 'signed-and-permitted',
  equivocation: false,
  encrypted: false,
  sizeBytes: 1,
  receivedAt: timestamp,
  source: 'live',
  content: {},
  contentKind: 'json',
  contentTruncated: false,
})
/** Newest first, from `newest` down to `oldest`. */
const rows = (newest: number, oldest: number) =>
  Array.from({ length: newest - oldest + 1 }, (_, index) => row(newest - index))
const times = (list: readonly MessageRow[]) => list.map(({ id }) => id.timestamp)

describe('rows that are held of a longer list', () => {
  it('grow at the older end and let go of the newest', () => {
    const held = withOlder(
      { rows: rows(10_000, 8_100), hasOlder: true, hasNewer: false },
      rows(8_099, 7_900),
      true,
    )
    expect(held.rows).toHaveLength(MAX_HELD_ROWS)
    expect([held.rows[0]?.id.timestamp, held.rows.at(-1)?.id.timestamp]).toEqual([9_899, 7_900])
    expect(held).toMatchObject({ hasOlder: true, hasNewer: true })
  })

  it('grow at the newer end, given oldest first, and let go of the oldest', () => {
    const held = withNewer(
      { rows: rows(1_999, 0), hasOlder: false, hasNewer: true },
      rows(2_099, 2_000).toReversed(),
      false,
    )
    expect([held.rows[0]?.id.timestamp, held.rows.at(-1)?.id.timestamp]).toEqual([2_099, 100])
    expect(held).toMatchObject({ hasOlder: true, hasNewer: false })
  })

  it('say that nothing lies beyond an end that was reached', () => {
    const held = withOlder({ rows: rows(5, 3), hasOlder: true, hasNewer: false }, rows(2, 1), false)
    expect(times(held.rows)).toEqual([5, 4, 3, 2, 1])
    expect(held).toMatchObject({ hasOlder: false, hasNewer: false })
  })

  it('take in what has changed in a stretch of time', () => {
    expect(times(spliceRows(rows(9, 1), [row(6), row(4)], 4, 6))).toEqual([9, 8, 7, 6, 4, 3, 2, 1])
  })

  it('tell equivocating contents apart', () => {
    expect(rowKey(row(1))).not.toBe(rowKey({ ...row(1), digest: 'f'.repeat(64) }))
  })
})

describe('changes between two contents', () => {
  it('name each leaf that is new, gone or other', () => {
    const before = { a: 1, b: { c: 'x', d: [1, 2] }, gone: true }
    const after = { a: 2, b: { c: 'x', d: [1, 3] }, 'new.key': null }
    expect(changesBetween(before, after)).toEqual([
      { path: 'a', before: 1, after: 2 },
      { path: 'b.d.1', before: 2, after: 3 },
      { path: 'new\\.key', before: undefined, after: null },
      { path: 'gone', before: true, after: undefined },
    ])
  })

  it('see a field that changed its type, and hostile keys as keys', () => {
    expect(changesBetween({ v: 1 }, { v: '1' })).toEqual([{ path: 'v', before: 1, after: '1' }])
    expect(changesBetween({}, JSON.parse('{"__proto__": {"x": 1}}'))).toEqual([
      { path: '__proto__', before: undefined, after: { x: 1 } },
    ])
    expect(changesBetween(1, 1)).toEqual([])
  })

  it('are bounded', () => {
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, index]))
    expect(changesBetween({}, wide)).toHaveLength(64)
  })
})
