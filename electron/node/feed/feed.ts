import type { FeedEvent } from '../../../shared/feed.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import type { DroppedNotice, StoredNotice } from '../ports.ts'

/** At most this many `stored` events a second per stream part reach one listener: a window need not draw more. */
export const FEED_EVENTS_PER_SECOND = 4
const COALESCE_MS = 1_000 / FEED_EVENTS_PER_SECOND

/** What is not about the messages of one stream part. */
type Announcement = Exclude<FeedEvent, { kind: 'stored' | 'dropped' }>

export interface Feed {
  /** Tells every listener that messages are on disk. */
  stored(notice: StoredNotice): void
  /** Tells every listener that messages are there no more. */
  dropped(notice: DroppedNotice): void
  /** Tells every listener anything that is not about single messages. */
  announce(event: Announcement): void
  /**
   * Events from now on until `signal` aborts. A slow reader gets fewer, merged events, never a growing queue: two
   * pending events per stream part and one per other kind.
   */
  events(signal?: AbortSignal): AsyncGenerator<FeedEvent, void, void>
  close(): void
}

type Pending = Map<string, FeedEvent>

/** Merges a later notice into an earlier one that has not been read yet. */
export function mergeStored(earlier: FeedEvent | undefined, notice: StoredNotice): FeedEvent {
  const { part, stored, verdicts, firstTimestamp, lastTimestamp } = notice
  if (earlier?.kind !== 'stored') {
    return { kind: 'stored', part, stored, verdicts: { ...verdicts }, firstTimestamp, lastTimestamp }
  }
  const merged = { ...earlier, verdicts: { ...earlier.verdicts }, stored: earlier.stored + stored }
  for (const verdict of VERDICTS) merged.verdicts[verdict] += verdicts[verdict]
  merged.firstTimestamp = Math.min(merged.firstTimestamp, firstTimestamp)
  merged.lastTimestamp = Math.max(merged.lastTimestamp, lastTimestamp)
  return merged
}

/** Merges what was dropped later into what was dropped before and has not been read yet. */
export function mergeDropped(earlier: FeedEvent | undefined, { part, from, to }: DroppedNotice): FeedEvent {
  if (earlier?.kind !== 'dropped') return { kind: 'dropped', part, from, to }
  return { ...earlier, from: Math.min(earlier.from, from), to: Math.max(earlier.to, to) }
}

class Listener {
  readonly #pending: Pending = new Map()
  #wake: (() => void) | undefined

  put(key: string, merge: (earlier: FeedEvent | undefined) => FeedEvent): void {
    this.#pending.set(key, merge(this.#pending.get(key)))
    this.#wake?.()
  }

  wake(): void {
    this.#wake?.()
  }

  take(): FeedEvent[] {
    const events = [...this.#pending.values()]
    this.#pending.clear()
    return events
  }

  /** Resolves when something is pending or `wake` is called. */
  async waitForEvent(): Promise<void> {
    if (this.#pending.size > 0) return
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
  }
}

class CoalescingFeed implements Feed {
  readonly #listeners = new Set<Listener>()
  #closed = false

  stored(notice: StoredNotice): void {
    for (const listener of this.#listeners) {
      listener.put(`stored ${notice.part}`, (earlier) => mergeStored(earlier, notice))
    }
  }

  dropped(notice: DroppedNotice): void {
    for (const listener of this.#listeners) {
      listener.put(`dropped ${notice.part}`, (earlier) => mergeDropped(earlier, notice))
    }
  }

  announce(event: Announcement): void {
    for (const listener of this.#listeners) listener.put(event.kind, () => event)
  }

  async *events(signal?: AbortSignal): AsyncGenerator<FeedEvent, void, void> {
    const listener = new Listener()
    const onAbort = () => listener.wake()
    signal?.addEventListener('abort', onAbort)
    this.#listeners.add(listener)
    try {
      while (!this.#closed && !signal?.aborted) {
        await listener.waitForEvent()
        yield* listener.take()
        if (!this.#closed && !signal?.aborted) await pause(COALESCE_MS, signal)
      }
    } finally {
      this.#listeners.delete(listener)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  close(): void {
    this.#closed = true
    for (const listener of this.#listeners) listener.wake()
  }
}

/** Waits, or ends early and quietly when `signal` aborts. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, ms)
    signal?.addEventListener('abort', finish)
  })
}

export function createFeed(): Feed {
  return new CoalescingFeed()
}
