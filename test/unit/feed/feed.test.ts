import { describe, expect, it } from 'vitest'
import { createFeed } from '../../../electron/node/feed/feed.ts'
import type { StoredNotice } from '../../../electron/node/ports.ts'
import type { FeedEvent } from '../../../shared/feed.ts'

const notice = (part: string, firstTimestamp: number, lastTimestamp: number): StoredNotice => ({
  part,
  stored: 2,
  duplicates: 0,
  verdicts: { verified: 1, pending: 0, unauthorised: 0, forged: 1 },
  firstTimestamp,
  lastTimestamp,
})

async function next(events: AsyncGenerator<FeedEvent, void, void>): Promise<FeedEvent> {
  const { value } = await events.next()
  if (!value) throw new Error('the feed ended')
  return value
}

describe('the feed', () => {
  it('merges what one part stored while the listener was busy into one event', async () => {
    const feed = createFeed()
    const stop = new AbortController()
    const events = feed.events(stop.signal)
    const first = next(events)
    feed.stored(notice('a#0', 10, 20))
    expect(await first).toMatchObject({
      kind: 'stored',
      part: 'a#0',
      stored: 2,
      firstTimestamp: 10,
      lastTimestamp: 20,
    })
    for (let i = 0; i < 1_000; i++) feed.stored(notice('a#0', 100 - i, 100 + i))
    expect(await next(events)).toMatchObject({
      stored: 2_000,
      verdicts: { verified: 1_000, forged: 1_000 },
      firstTimestamp: 100 - 999,
      lastTimestamp: 1_099,
    })
    stop.abort()
    expect((await events.next()).done).toBe(true)
  })

  it('keeps parts apart', async () => {
    const feed = createFeed()
    const stop = new AbortController()
    const events = feed.events(stop.signal)
    const first = next(events)
    feed.stored(notice('a#0', 1, 1))
    await first
    feed.stored(notice('a#0', 1, 1))
    feed.stored(notice('b#0', 1, 1))
    const parts = [await next(events), await next(events)].map(
      (event) => event.kind === 'stored' && event.part,
    )
    expect(parts.sort()).toEqual(['a#0', 'b#0'])
    stop.abort()
  })

  it('tells what was dropped from a part as one stretch, beside what was stored in it', async () => {
    const feed = createFeed()
    const stop = new AbortController()
    const events = feed.events(stop.signal)
    const first = next(events)
    feed.dropped({ part: 'a#0', from: 0, to: 10 })
    expect(await first).toEqual({ kind: 'dropped', part: 'a#0', from: 0, to: 10 })
    feed.stored(notice('a#0', 900, 901))
    feed.dropped({ part: 'a#0', from: 20, to: 30 })
    feed.dropped({ part: 'a#0', from: 10, to: 20 })
    const told = [await next(events), await next(events)]
    expect(told).toContainEqual({ kind: 'dropped', part: 'a#0', from: 10, to: 30 })
    expect(told).toContainEqual(expect.objectContaining({ kind: 'stored', firstTimestamp: 900 }))
    stop.abort()
  })

  it('ends every listener when it closes', async () => {
    const feed = createFeed()
    const events = feed.events()
    const ended = events.next()
    feed.close()
    expect((await ended).done).toBe(true)
  })
})
