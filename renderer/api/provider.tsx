import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createTRPCClient, type TRPCClient } from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { createContext, type ReactNode, useContext } from 'react'
import type { AppRouter } from '../../electron/api/router.ts'
import { type Connection, createConnection } from './connection.ts'
import { createFeedHub, type FeedHub } from './feed.ts'
import { keepHeartbeat } from './heartbeat.ts'
import { invalidateByFeed } from './invalidation.ts'
import { createLink } from './link.ts'

const trpcContext = createTRPCContext<AppRouter>()

/** Typed query options and keys of every procedure of the node. */
export const useTRPC = trpcContext.useTRPC

export interface Api {
  client: TRPCClient<AppRouter>
  queryClient: QueryClient
  connection: Connection
  feed: FeedHub
}

const ApiContext = createContext<Api | null>(null)

export function createApi(): Api {
  const connection = createConnection()
  const client = createTRPCClient<AppRouter>({
    links: [createLink({ onOpen: connection.opened, onClose: connection.closed })],
  })
  const queryClient = new QueryClient({
    defaultOptions: {
      queries: {
        // The link itself waits for the node; what the node refuses, it refuses again.
        retry: false,
        // What changes is told by the feed.
        staleTime: 30_000,
        // Loopback works without the internet.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  })
  const feed = createFeedHub(client, connection)
  invalidateByFeed({ client, queryClient, feed, connection })
  keepHeartbeat({ client, feed, connection })
  return { client, queryClient, connection, feed }
}

export function ApiProvider({ api, children }: { api: Api; children: ReactNode }) {
  return (
    <QueryClientProvider client={api.queryClient}>
      <trpcContext.TRPCProvider trpcClient={api.client} queryClient={api.queryClient}>
        <ApiContext value={api}>{children}</ApiContext>
      </trpcContext.TRPCProvider>
    </QueryClientProvider>
  )
}

/** The node's client, for what is not a query of a component. */
export function useApi(): Api {
  const api = useContext(ApiContext)
  if (api === null) throw new Error('useApi is used outside of ApiProvider')
  return api
}
