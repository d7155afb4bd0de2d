import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { ErrorView } from '../../shared/errors.ts'
import type { MessageRow } from '../../shared/message.ts'
import type { FieldCondition } from '../../shared/message-filter.ts'
import type { MessageMark } from '../../shared/message-mark.ts'
import type { Verdict } from '../../shared/verdict.ts'
import { createExternalStore, type ExternalStore } from '../ui/external-store.ts'
import { errorViewOf } from './error-view.ts'
import type { FeedHub } from './feed.ts'
import { type HeldRows, rowKey, spliceRows, withNewer, withOlder } from './held-rows.ts'

const PAGE_ROWS = 200
/** The node's own bound on one page; more news than this at once reads the list anew. */
const NEWS_ROWS = 500
const COALESCE_MS = 300

export interface MessageFilter {
  part: string
  /** Ms since the epoch; `to` null follows the present. */
  from: number
  to: number | null
  publisher: string | null
  verdicts: readonly Verdict[]
  marks: readonly MessageMark[]
  text: string
  conditions: readonly FieldCondition[]
}

export interface MessageListState extends HeldRows {
  isLoading: boolean
  /** A search was told to stop; it goes on when it is asked to. */
  isPaused: boolean
  /** Messages looked through since the filter was set. */
  scanned: number
  error: ErrorView | null
  /** Messages that came while the list was held still. */
  unseen: number
  /** The row to bring into view after a jump, by its key. */
  goal: { key: string } | null
}

export interface MessageList {
  readonly state: ExternalStore<MessageListState>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** Shows the stretch around a point in time; the oldest and the newest end are points like others. */
  jump(at: number): Promise<void>
  /** Ends the search at hand; what was found stays. */
  pause(): void
  resume(): void
  /** Whether news are put on top as they come; when they are let in again, the list catches up. */
  setFollow(follow: boolean): void
  reload(): void
  dispose(): void
}

type Cursor = { id: MessageRow['id']; digest: string }
type Direction = 'ascending' | 'descending'

export interface MessageListOptions {
  client: TRPCClient<AppRouter>
  feed: FeedHub
  onRegained(listener: () => void): () => void
  filter: MessageFilter
  follow: boolean
  /** Begin around this point in time instead of at the newest message. */
  around: number | null
}

const cursorOf = (row: MessageRow | undefined): Cursor | null =>
  row === undefined ? null : { id: row.id, digest: row.digest }

/**
 * Messages of a stream part over a range of any length: a stretch of it is held, and read on at either end. What the
 * filter looks for in contents is looked for by the node, a bounded portion at a time.
 */
export function createMessageList(options: MessageListOptions): MessageList {
  const { client, feed, onRegained, filter, follow, around } = options
  const state = createExternalStore<MessageListState>({
    rows: [],
    hasOlder: true,
    hasNewer: false,
    isLoading: false,
    isPaused: false,
    scanned: 0,
    error: null,
    unseen: 0,
    goal: null,
  })
  let controller = new AbortController()
  /** Where the search towards older messages goes on; null: behind the last row that is held. */
  let olderCursor: Cursor | null = null
  let newerCursor: Cursor | null = null
  let isFollowing = follow
  let touched: { from: number; to: number } | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const change = (next: Partial<MessageListState>) => state.set({ ...state.get(), ...next })
  const query = (extra: {
    from?: number
    to?: number
    after?: Cursor | null
    limit: number
    order?: Direction
  }) => {
    const { from = filter.from, to = filter.to ?? undefined, after, limit, order = 'descending' } = extra
    const { part, publisher, verdicts, marks, text, conditions } = filter
    return client.messages.page.query(
      {
        part,
        from,
        ...(to === undefined ? {} : { to }),
        ...(publisher === null ? {} : { publisher }),
        ...(verdicts.length === 0 ? {} : { verdicts: [...verdicts] }),
        ...(marks.length === 0 ? {} : { marks: [...marks] }),
        ...(text.trim() === '' ? {} : { text }),
        ...(conditions.length === 0 ? {} : { conditions: [...conditions] }),
        ...(after == null ? {} : { after }),
        limit,
        order,
      },
      { signal: controller.signal },
    )
  }

  /** Runs one question at a time; an answer that came after a reload is dropped. */
  async function guarded(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = controller
    change({ isLoading: true, isPaused: false, error: null })
    try {
      await work(signal)
    } catch (error) {
      if (!signal.aborted) change({ error: errorViewOf(error) })
    } finally {
      if (!signal.aborted) change({ isLoading: false })
    }
  }

  /** Reads on until a page is full or the range ends; each portion is shown as soon as it is there. */
  async function readOn(order: Direction, signal: AbortSignal): Promise<void> {
    const isOlder = order === 'descending'
    let found = 0
    do {
      const { rows } = state.get()
      const after = isOlder
        ? (olderCursor ?? cursorOf(rows[rows.length - 1]))
        : (newerCursor ?? cursorOf(rows[0]))
      const page = await query({ order, after, limit: PAGE_ROWS - found })
      if (signal.aborted) return
      found += page.rows.length
      const held = state.get()
      const hasMore = page.next !== null
      const next = isOlder ? withOlder(held, page.rows, hasMore) : withNewer(held, page.rows, hasMore)
      const hasLetGo = next.rows.length < held.rows.length + page.rows.length
      // A cursor may lie behind the last row, where a search has come to; it ends with the rows that are let go.
      if (isOlder) {
        olderCursor = page.next
        if (hasLetGo) newerCursor = null
      } else {
        newerCursor = page.next
        if (hasLetGo) olderCursor = null
      }
      change({ ...next, scanned: held.scanned + page.scanned })
      if (!hasMore) return
    } while (found < PAGE_ROWS)
  }

  async function loadOlder(): Promise<void> {
    const { isLoading, hasOlder } = state.get()
    if (!isLoading && hasOlder) await guarded((signal) => readOn('descending', signal))
  }

  async function loadNewer(): Promise<void> {
    const { isLoading, hasNewer } = state.get()
    if (!isLoading && hasNewer) await guarded((signal) => readOn('ascending', signal))
  }

  function begin(next: Partial<MessageListState>): void {
    controller.abort()
    controller = new AbortController()
    olderCursor = null
    newerCursor = null
    touched = null
    change({ isLoading: false, isPaused: false, error: null, unseen: 0, scanned: 0, goal: null, ...next })
  }

  /** The first page, which takes the place of what is on screen when it has come. */
  function reload(): void {
    begin({ hasOlder: true, hasNewer: false })
    void guarded(async (signal) => {
      const page = await query({ limit: PAGE_ROWS })
      if (signal.aborted) return
      olderCursor = page.next
      change({ rows: page.rows, hasOlder: page.next !== null, scanned: page.scanned })
      if (page.next !== null && page.rows.length < PAGE_ROWS) await readOn('descending', signal)
    })
  }

  async function jump(at: number): Promise<void> {
    begin({})
    await guarded(async (signal) => {
      const point = Math.min(Math.max(at, filter.from), filter.to ?? Number.MAX_SAFE_INTEGER)
      const older = await query({ to: Math.floor(point), limit: PAGE_ROWS })
      const newer = await query({ from: Math.floor(point) + 1, order: 'ascending', limit: PAGE_ROWS })
      if (signal.aborted) return
      olderCursor = older.next
      newerCursor = newer.next
      const rows = [...newer.rows.toReversed(), ...older.rows]
      const goal = older.rows[0] ?? newer.rows[0]
      change({
        rows,
        hasOlder: older.next !== null,
        hasNewer: newer.next !== null,
        scanned: older.scanned + newer.scanned,
        goal: goal === undefined ? null : { key: rowKey(goal) },
      })
      // Around the point nothing may pass the filter: the search goes on towards older messages.
      if (rows.length < PAGE_ROWS && older.next !== null) await readOn('descending', signal)
    })
  }

  /** Reads again what has changed, so that new, late and newly decided messages all come right. */
  async function catchUp(): Promise<void> {
    timer = undefined
    const stretch = touched
    if (stretch === null || !isFollowing || document.hidden || state.get().hasNewer) return
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
      const held = state.get()
      const oldest = held.rows[held.rows.length - 1]
      // What is older than the last row on screen comes with its own page.
      const fresh =
        held.hasOlder && oldest !== undefined
          ? page.rows.filter((row) => row.id.timestamp >= oldest.id.timestamp)
          : page.rows
      const rows = spliceRows(held.rows, fresh, from, to)
      const next = withNewer({ ...held, rows }, [], false)
      if (next.rows.length < rows.length) olderCursor = null
      change({ ...next, unseen: 0, scanned: held.scanned + page.scanned })
    } catch (error) {
      if (!signal.aborted) change({ error: errorViewOf(error) })
    }
  }

  const schedule = () => {
    timer ??= setTimeout(() => void catchUp(), COALESCE_MS)
  }
  /** Rows of messages that are there no more go; none of those that stay changes its place. */
  function forget(from: number, to: number): void {
    const { rows } = state.get()
    const kept = rows.filter(({ id }) => id.timestamp < from || id.timestamp >= to)
    if (kept.length < rows.length) change({ rows: kept })
  }
  const leaveFeed = feed.subscribe((event) => {
    if (event.kind === 'dropped' && event.part === filter.part) forget(event.from, event.to)
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
  if (around === null) reload()
  else void jump(around)

  return {
    state,
    loadOlder,
    loadNewer,
    jump,
    pause() {
      if (!state.get().isLoading) return
      controller.abort()
      controller = new AbortController()
      change({ isLoading: false, isPaused: true })
    },
    resume() {
      void loadOlder()
    },
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
