import { describe, expect, it } from 'vitest'
import { rankStreams, silenceOf } from '../../../renderer/features/overview/rank.ts'
import type { StreamOverview } from '../../../shared/stream.ts'

const NOW = 10_000_000

function stream(part: string, change: Partial<StreamOverview> = {}): StreamOverview {
  return {
    part,
    streamId: part,
    partition: 0,
    title: part,
    subscribed: true,
    own: false,
    messages: 1_000,
    sizeBytes: 1,
    verdicts: { verified: 1_000, pending: 0, unauthorised: 0, forged: 0 },
    equivocations: 0,
    gaps: 0,
    firstTimestamp: NOW - 1_000_000,
    lastTimestamp: NOW - 500,
    lastReceivedAt: NOW - 400,
    ratePerSecond: 1,
    sparkline: [],
    sparklineGaps: [],
    publishers: 1,
    holders: 1,
    problem: null,
    ...change,
  }
}

describe('the order of streams', () => {
  it('is worst first', () => {
    const verdicts = { verified: 1, pending: 0, unauthorised: 0, forged: 0 }
    const streams = [
      stream('b good'),
      stream('a good'),
      stream('gap', { gaps: 2 }),
      stream('silent', { lastReceivedAt: NOW - 900_000 }),
      stream('unauthorised', { verdicts: { ...verdicts, unauthorised: 1 } }),
      stream('equivocation', { equivocations: 1 }),
      stream('forged', { verdicts: { ...verdicts, forged: 1 } }),
      stream('broken', { problem: { message: 'm', remedy: 'r' } }),
      stream('left', { subscribed: false }),
    ]
    expect(rankStreams(streams, NOW).map(({ part }) => part)).toEqual([
      'broken',
      'forged',
      'equivocation',
      'unauthorised',
      'silent',
      'gap',
      'a good',
      'b good',
      'left',
    ])
  })

  it('calls nobody silent who was never lively, or is not listened to', () => {
    const old = { lastReceivedAt: NOW - 900_000 }
    expect(silenceOf(stream('lively', old), NOW)).toBe(900_000)
    expect(silenceOf(stream('slow', { ...old, messages: 2 }), NOW)).toBeNull()
    expect(silenceOf(stream('left', { ...old, subscribed: false }), NOW)).toBeNull()
    expect(
      silenceOf(stream('new', { ...old, messages: 0, firstTimestamp: null, lastTimestamp: null }), NOW),
    ).toBeNull()
  })
})
