import { describe, expect, it } from 'vitest'
import { gapStretches, laneKind, laneStretches } from '../../../renderer/ui/chart/lane-stretches.ts'
import type { TimelineBucket } from '../../../shared/chart.ts'

function bucket(from: number, change: Partial<TimelineBucket> = {}): TimelineBucket {
  return {
    from,
    to: from + 1_000,
    count: 1,
    bytes: 1,
    verdicts: { verified: 1, pending: 0, unauthorised: 0, forged: 0 },
    equivocations: 0,
    gaps: 0,
    dropped: 0,
    ...change,
  }
}
const verdicts = (of: Partial<TimelineBucket['verdicts']>) => ({
  verified: 5,
  pending: 0,
  unauthorised: 0,
  forged: 0,
  ...of,
})

describe('the provenance lane', () => {
  it('says the worst there is in a bucket', () => {
    expect(laneKind(bucket(0, { verdicts: verdicts({ pending: 1 }) }))).toBe('pending')
    expect(laneKind(bucket(0, { verdicts: verdicts({ pending: 1, unauthorised: 1 }) }))).toBe('unauthorised')
    expect(laneKind(bucket(0, { verdicts: verdicts({ forged: 1 }), equivocations: 1 }))).toBe('forged')
    expect(laneKind(bucket(0, { equivocations: 1 }))).toBe('equivocation')
    expect(laneKind(bucket(0, { count: 0, verdicts: verdicts({ verified: 0 }), dropped: 3 }))).toBe('dropped')
  })

  it('runs equal neighbours together and stays empty where nothing came', () => {
    const stretches = laneStretches([bucket(0), bucket(1_000), bucket(9_000)], 3_000)
    expect(stretches).toEqual([
      { from: 0, to: 2_000, kind: 'verified' },
      { from: 9_000, to: 10_000, kind: 'verified' },
    ])
  })

  it('shows a gap from the last message before it to the one that names it', () => {
    const stretches = laneStretches([bucket(0), bucket(20_000, { gaps: 1 })], 3_000)
    expect(stretches).toEqual([
      { from: 0, to: 1_000, kind: 'verified' },
      { from: 1_000, to: 20_000, kind: 'gap' },
      { from: 20_000, to: 21_000, kind: 'verified' },
    ])
  })

  it('marks where a clock is off, whatever the verdict, and keeps the mark apart from its neighbours', () => {
    const stretches = laneStretches([bucket(0), bucket(1_000, { clockOff: true }), bucket(2_000)], 3_000)
    expect(stretches).toEqual([
      { from: 0, to: 1_000, kind: 'verified' },
      { from: 1_000, to: 2_000, kind: 'verified', clockOff: true },
      { from: 2_000, to: 3_000, kind: 'verified' },
    ])
  })

  it('marks where a content is not what the schema allows, apart from its neighbours and beside a clock that is off', () => {
    const marked = { notBySchema: 2 }
    const stretches = laneStretches(
      [bucket(0), bucket(1_000, marked), bucket(2_000, { ...marked, clockOff: true }), bucket(3_000)],
      3_000,
    )
    expect(stretches.map(({ notBySchema, clockOff }) => [notBySchema, clockOff])).toEqual([
      [undefined, undefined],
      [true, undefined],
      [true, true],
      [undefined, undefined],
    ])
  })

  it('shows a gap inside of one bucket as well', () => {
    const stretches = laneStretches([bucket(0), bucket(1_000, { gaps: 2 }), bucket(2_000)], 3_000)
    expect(stretches.map(({ kind }) => kind)).toEqual(['verified', 'gap', 'verified'])
    expect(stretches[1]).toEqual({ from: 1_000, to: 1_500, kind: 'gap' })
  })

  it('tells the gaps alone, for what marks them and nothing else', () => {
    expect(gapStretches([bucket(0), bucket(1_000), bucket(20_000, { gaps: 1 }), bucket(21_000)])).toEqual([
      { from: 2_000, to: 20_000, kind: 'gap' },
    ])
    expect(gapStretches([bucket(0), bucket(9_000)])).toEqual([])
  })
})
