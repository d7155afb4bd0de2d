import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { FeedEvent } from '../../shared/feed.ts'
import type { Connection } from './connection.ts'

/** Pause before the feed is asked for again when the node ended it. */
const RESUBSCRIBE_MS = 1_000

export interface FeedHub {
  subscribe(listener: (event: FeedEvent) => void): () => void
  stop(): void
}

/** One subscription to the node's feed for the whole window, handed to whoever listens. */
export function createFeedHub(client: TRPCClient<AppRouter>, connection: Connection): FeedHub {
  const listeners = new Set<(event: FeedEvent) => void>()
  let stopped = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let subscription: { unsubscribe(): void } | undefined

  function again(): void {
    if (stopped) return
    clearTimeout(timer)
    timer = setTimeout(open, RESUBSCRIBE_MS)
  }

  function open(): void {
    clearTimeout(timer)
    subscription?.unsubscribe()
    subscription = client.feed.subscribe(undefined, {
      onData(event) {
        for (const listener of listeners) listener(event)
      },
      onError: again,
      onComplete: again,
    })
  }
  open()
  // The link takes subscriptions over to a new socket only on one of its ways back; asked anew they are on all.
  const leaveConnection = connection.onRegained(open)

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      leaveConnection()
      subscription?.unsubscribe()
    },
  }
}
