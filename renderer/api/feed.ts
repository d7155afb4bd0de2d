import type { TRPCClient } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { FeedEvent } from '../../shared/feed.ts'

/** Pause before the feed is asked for again when the node ended it. */
const RESUBSCRIBE_MS = 1_000

export interface FeedHub {
  subscribe(listener: (event: FeedEvent) => void): () => void
  stop(): void
}

/** One subscription to the node's feed for the whole window, handed to whoever listens. */
export function createFeedHub(client: TRPCClient<AppRouter>): FeedHub {
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
    subscription = client.feed.subscribe(undefined, {
      onData(event) {
        for (const listener of listeners) listener(event)
      },
      onError: again,
      onComplete: again,
    })
  }
  open()

  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop() {
      stopped = true
      clearTimeout(timer)
      subscription?.unsubscribe()
    },
  }
}
