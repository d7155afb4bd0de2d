import type { QueryClient } from '@tanstack/react-query'
import type { TRPCClient } from '@trpc/client'
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { AppRouter } from '../../electron/api/router.ts'
import type { Connection } from './connection.ts'
import type { FeedHub } from './feed.ts'

/** Lists and totals are read again at most this often, however much comes in. */
const REFRESH_MS = 1_000

export interface InvalidationOptions {
  client: TRPCClient<AppRouter>
  queryClient: QueryClient
  feed: FeedHub
  connection: Connection
}

/** Keeps queries true to what the node announces. Returns the way to stop. */
export function invalidateByFeed({ client, queryClient, feed, connection }: InvalidationOptions): () => void {
  const keys = createTRPCOptionsProxy<AppRouter>({ client, queryClient })
  let timer: ReturnType<typeof setTimeout> | undefined

  const refresh = (): void => {
    timer = undefined
    // A hidden window shows nothing; it catches up when it is looked at again.
    const refetchType = document.hidden ? 'none' : 'active'
    void queryClient.invalidateQueries({ queryKey: keys.streams.list.queryKey(), refetchType })
    void queryClient.invalidateQueries({ queryKey: keys.chart.fields.pathKey(), refetchType })
  }

  const leaveFeed = feed.subscribe((event) => {
    switch (event.kind) {
      case 'status':
        queryClient.setQueryData(keys.node.status.queryKey(), event.status)
        return
      case 'streams':
        void queryClient.invalidateQueries({ queryKey: keys.streams.pathKey() })
        return
      case 'audits':
        void queryClient.invalidateQueries({ queryKey: keys.audit.list.queryKey() })
        return
      case 'alerts':
        void queryClient.invalidateQueries({ queryKey: keys.alerts.pathKey() })
        return
      case 'stored':
      case 'dropped':
        timer ??= setTimeout(refresh, REFRESH_MS)
        return
    }
  })
  const leaveConnection = connection.onRegained(() => void queryClient.invalidateQueries())

  return () => {
    leaveFeed()
    leaveConnection()
    clearTimeout(timer)
  }
}
