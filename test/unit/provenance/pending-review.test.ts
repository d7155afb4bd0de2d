import { afterEach, describe, expect, it, vi } from 'vitest'
import type { StoredMessage, VerdictUpdate } from '../../../electron/node/ports.ts'
import {
  createPendingReview,
  type PendingReview,
  type PendingReviewOptions,
} from '../../../electron/node/provenance/pending-review.ts'
import { RecentStreams } from '../../../electron/node/provenance/recent-streams.ts'
import { permission, SettablePermissions, silentLogger } from './fakes.ts'

const NOW = 1_700_000_000_000

function stored(n: number, change: Partial<StoredMessage>): StoredMessage {
  return {
    id: { streamId: '0xaa/s', partition: 0, timestamp: NOW + n, sequence: 0, publisher: '0xbb', chain: 'c' },
    digest: new Uint8Array(32).fill(n),
    verdict: 'pending',
    reason: 'permission-unknown',
    equivocation: false,
    encrypted: false,
    source: 'live',
    receivedAt: NOW,
    raw: Uint8Array.from([n]),
    ...change,
  }
}

type ReviewStore = PendingReviewOptions['store']

/** The few methods of the store that a review uses, over an array. */
class MemoryVerdicts implements ReviewStore {
  messages: StoredMessage[]
  decided: VerdictUpdate[] = []

  constructor(messages: StoredMessage[]) {
    this.messages = messages
  }

  async pending(limit: number, after?: { timestamp: number }): Promise<StoredMessage[]> {
    return this.messages
      .filter(
        ({ verdict, id }) => verdict === 'pending' && (after === undefined || id.timestamp > after.timestamp),
      )
      .slice(0, limit)
  }

  async *query(query: { verdicts?: readonly string[] }): AsyncGenerator<StoredMessage[]> {
    yield this.messages.filter(({ verdict }) => query.verdicts?.includes(verdict))
  }

  async statistics() {
    return [{ part: '0xaa/s#0' }, { part: '0xaa/other#0' }] as Awaited<ReturnType<ReviewStore['statistics']>>
  }

  async decide(updates: readonly VerdictUpdate[]) {
    this.decided.push(...updates)
    for (const { digest, verdict, reason } of updates) {
      this.messages = this.messages.map((message) =>
        message.digest === digest ? { ...message, verdict, reason } : message,
      )
    }
    return []
  }
}

const reviews: PendingReview[] = []

function world(messages: StoredMessage[], options: Partial<PendingReviewOptions> = {}) {
  const store = new MemoryVerdicts(messages)
  const permissions = new SettablePermissions()
  const decide = vi.fn(async (raws: readonly Uint8Array[]) =>
    raws.map(() => ({ verdict: 'verified' as const, reason: 'signed-and-permitted' as const })),
  )
  const review = createPendingReview({
    store,
    verifier: { decide },
    permissions,
    clock: { now: () => NOW },
    logger: silentLogger,
    ...options,
  })
  reviews.push(review)
  return { store, permissions, decide, review }
}

afterEach(async () => {
  await Promise.all(reviews.splice(0).map((review) => review.stop()))
})

describe('the review of pending messages', () => {
  it('asks the registry again where only the permission was missing', async () => {
    const { store, review, decide } = world([stored(1, {}), stored(2, {})])
    expect(await review.reviewPending()).toBe(2)
    expect(store.messages.map(({ verdict }) => verdict)).toEqual(['verified', 'verified'])
    expect(decide).not.toHaveBeenCalled()
  })

  it('verifies again where the signature was not decided', async () => {
    const { store, review, decide } = world([stored(1, { reason: 'rpc-unavailable' }), stored(2, {})])
    await review.reviewPending()
    expect(decide).toHaveBeenCalledWith([Uint8Array.from([1])])
    expect(store.messages.map(({ verdict }) => verdict)).toEqual(['verified', 'verified'])
  })

  it('changes nothing where nothing is known yet, and comes to an end', async () => {
    const { store, review, permissions } = world(Array.from({ length: 1_500 }, (_, n) => stored(n, {})))
    permissions.answer = () => permission('unknown')
    expect(await review.reviewPending()).toBe(0)
    expect(store.decided).toEqual([])
  })

  it('goes on by itself, with a growing wait, until everything is decided', async () => {
    const { store, review, permissions } = world([stored(1, {})], { firstDelayMs: 5, lastDelayMs: 20 })
    permissions.answer = () => permission('unknown')
    await review.start()
    await vi.waitFor(() => expect(permissions.asked).toBeGreaterThan(2))
    permissions.answer = () => permission('denied')
    await vi.waitFor(() => expect(store.messages[0]).toMatchObject({ verdict: 'unauthorised' }))
  })

  it('looks at once when the registry says that a stream changed, at recent messages of that stream too', async () => {
    const { store, review, permissions } = world([
      stored(1, {}),
      stored(2, { verdict: 'verified', reason: 'signed-and-permitted' }),
      stored(3, { verdict: 'forged', reason: 'signature-invalid' }),
    ])
    permissions.answer = () => permission('denied')
    await review.start()
    permissions.change('0xaa/s')
    await vi.waitFor(() => expect(store.decided.length).toBe(2), { timeout: 5_000 })
    expect(store.messages.map(({ verdict }) => verdict)).toEqual(['unauthorised', 'unauthorised', 'forged'])
  })

  it('survives a store that fails, and tries again', async () => {
    const { store, review } = world([stored(1, {})], { firstDelayMs: 5, lastDelayMs: 10 })
    const { pending } = store
    let failures = 2
    store.pending = (limit, after) => {
      if (failures-- > 0) throw new Error('disk trouble')
      return pending.call(store, limit, after)
    }
    await review.start()
    await vi.waitFor(() => expect(store.messages[0]).toMatchObject({ verdict: 'verified' }))
  })

  it('waits between attempts while a store is away, also with a stream that is due', async () => {
    const { store, permissions, review } = world([], { firstDelayMs: 1, lastDelayMs: 60_000 })
    let asked = 0
    store.pending = async () => {
      asked += 1
      throw new Error('away')
    }
    await review.start()
    permissions.change('0xaa/s')
    await vi.waitFor(() => expect(asked).toBeGreaterThan(1))
    // Waits that double: whoever asks without a pause asks hundreds of times meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(asked).toBeLessThan(20)
  })
})

describe('streams whose recent messages are looked at', () => {
  it('have their turn at once, and then at intervals however often they change', () => {
    const streams = new RecentStreams()
    streams.want('s')
    expect(streams.delayMs(NOW)).toBe(0)
    expect(streams.take(NOW)).toEqual(['s'])
    expect(streams.delayMs(NOW)).toBe(Number.POSITIVE_INFINITY)
    streams.want('s')
    expect(streams.take(NOW + 1)).toEqual([])
    expect(streams.delayMs(NOW + 1)).toBe(9_999)
    expect(streams.take(NOW + 10_000)).toEqual(['s'])
    expect(streams.take(NOW + 30_000)).toEqual([])
  })
})
