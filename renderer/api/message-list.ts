import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { ErrorView } from '../../shared/errors.ts'
import type { MessageRow } from '../../shared/message.ts'
import type { Verdict } from '../../shared/verdict.ts'
import { createExternalStore, type ExternalStore } from '../ui/external-store.ts'
import { errorViewOf } from './error-view.ts'
import type { FeedHub } from './feed.ts'

const PAGE_ROWS = 200
/** The node's own bound on one page; more news than this at once reads the list anew. */
const NEWS_ROWS = 500
/** More rows than this are not read by anyone; a narrower range or a filter finds what lies beyond. */
export const MAX_ROWS = 20_000
const COALESCE_MS = 300

export interface MessageFilter {
  part: string
  /** Ms since the epoch; `to` null follows the present. */
  from: number
  to: number | null
  publisher: string | null
  verdicts: readonly Verdict[]
}

export interface MessageListState {
  /** Newest first. */
  rows: readonly MessageRow[]
  /** There are older ones in the range. */
  hasMore: boolean
  isLoading: boolean
  error: ErrorView | null
  /** Messages that came while the list was held still. */
  unseen: number
}

export interface MessageList {
  readonly state: ExternalStore<MessageListState>
  loadOlder(): Promise<void>
  /** Whether news are put on top as they come; when they are let in again, the list catches up. */
  setFollow(follow: boolean): void
  reload(): void
  dispose(): void
}

type Cursor = { id: MessageRow['id']; digest: string }

/** The rows with those in a stretch of time replaced by what the node holds there now; all newest first. */
export function spliceRows(
  rows: readonly MessageRow[],
  fresh: readonly MessageRow[],
  from: number,
  to: number,
): MessageRow[] {
  return [
    ...rows.filter((row) => row.id.timestamp > to),
    ...fresh,
    ...rows.filter((row) => row.id.timestamp < from),
  ]
}

export interface MessageListOptions {
  client: TRPCClient<AppRouter>
  feed: FeedHub
  onRegained(listener: () => void): () => void
  filter: MessageFilter
  follow: boolean
}

/** Messages of a stream part over a range, read page by page, and kept true to what comes in. */
export function createMessageList({
  client,
  feed,
  onRegained,
  filter,
  follow,
}: MessageListOptions): MessageList {
  const state = createExternalStore<MessageListState>({
    rows: [],
    hasMore: true,
    isLoading: false,
    error: null,
    unseen: 0,
  })
  let controller = new AbortController()
  let cursor: Cursor | null = null
  let isFollowing = follow
  let touched: { from: number; to: number } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const change = (next: Partial<MessageListState>) => state.set({ ...state.get(), ...next })
  const query = (extra: { from?: number; to?: number; after?: Cursor; limit: number }) =>
    client.messages.page.query(
      {
        part: filter.part,
        from: filter.from,
        ...(filter.to === null ? {} : { to: filter.to }),
        ...(filter.publisher === null ? {} : { publisher: filter.publisher }),
        ...(filter.verdicts.length === 0 ? {} : { verdicts: [...filter.verdicts] }),
        ...extra,
        order: 'descending',
      },
      { signal: controller.signal },
    )

  /** Runs one question at a time; an answer that came after a reload is dropped. */
  async function guarded(work: () => Promise<void>): Promise<void> {
    const { signal } = controller
    change({ isLoading: true, error: null })
    try {
      await work()
    } catch (error) {
      if (!signal.aborted) change({ error: errorViewOf(error) })
    } finally {
      if (!signal.aborted) change({ isLoading: false })
    }
  }

  async function loadOlder(): Promise<void> {
    const { isLoading, hasMore, rows } = state.get()
    if (isLoading || !hasMore || (cursor !== null && rows.length >= MAX_ROWS)) return
    const { signal } = controller
    await guarded(async () => {
      const page = await query({ limit: PAGE_ROWS, ...(cursor === null ? {} : { after: cursor }) })
      if (signal.aborted) return
      const before = cursor === null ? [] : state.get().rows
      cursor = page.next
      change({ rows: [...before, ...page.rows], hasMore: page.next !== null })
    })
  }

  function reload(): void {
    controller.abort()
    controller = new AbortController()
    cursor = null
    touched = null
    // What is on screen stays until the first page has come to take its place.
    change({ hasMore: true, isLoading: false, error: null, unseen: 0 })
    void loadOlder()
  }

  /** Reads again what has changed, so that new, late and newly decided messages all come right. */
  async function catchUp(): Promise<void> {
    timer = undefined
    const stretch = touched
    if (stretch === null || !isFollowing || document.hidden) return
    touched = null
    const { signal } = controller
    const from = Math.max(filter.from, stretch.from)
    const to = Math.min(filter.to ?? Number.MAX_SAFE_INTEGER, stretch.to)
    if (to < from) return
    try {
      const page = await query({ from, to, limit: NEWS_ROWS })
      if (signal.aborted) return
      if (page.next !== null) {
        reload()
        return
      }
      const { rows, hasMore } = state.get()
      const oldest = rows[rows.length - 1]
      // What is older than the last row on screen comes with its own page.
      const fresh =
        hasMore && oldest !== undefined
          ? page.rows.filter((row) => row.id.timestamp >= oldest.id.timestamp)
          : page.rows
      const next = spliceRows(rows, fresh, from, to)
      if (next.length > MAX_ROWS) {
        next.length = MAX_ROWS
        const last = next[MAX_ROWS - 1]
        cursor = last === undefined ? null : { id: last.id, digest: last.digest }
        change({ rows: next, hasMore: true, unseen: 0 })
      } else {
        change({ rows: next, unseen: 0 })
      }
    } catch (error) {
      if (!signal.aborted) change({ error: errorViewOf(error) })
    }
  }

  const schedule = () => {
    timer ??= setTimeout(() => void catchUp(), COALESCE_MS)
  }
  const leaveFeed = feed.subscribe((event) => {
    if (event.kind !== 'stored' || event.part !== filter.part) return
    const { firstTimestamp, lastTimestamp, stored } = event
    if (lastTimestamp < filter.from || (filter.to !== null && firstTimestamp > filter.to)) return
    touched = {
      from: Math.min(touched?.from ?? firstTimestamp, firstTimestamp),
      to: Math.max(touched?.to ?? lastTimestamp, lastTimestamp),
    }
    if (isFollowing) schedule()
    else change({ unseen: state.get().unseen + stored })
  })
  const onVisible = () => !document.hidden && isFollowing && schedule()
  document.addEventListener('visibilitychange', onVisible)
  const leaveConnection = onRegained(reload)
  void loadOlder()

  return {
    state,
    loadOlder,
    setFollow(next) {
      if (next === isFollowing) return
      isFollowing = next
      if (next) schedule()
    },
    reload,
    dispose() {
      controller.abort()
      clearTimeout(timer)
      leaveFeed()
      leaveConnection()
      document.removeEventListener('visibilitychange', onVisible)
    },
  }
}
