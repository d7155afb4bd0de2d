import { createTRPCClient, createWSClient, type TRPCClient, TRPCClientError, wsLink } from '@trpc/client'
import { WebSocket } from 'ws'
import { type ErrorView, TidemarkError } from '../../shared/errors.ts'
import type { AppRouter } from './router.ts'

export interface ApiClient {
  api: TRPCClient<AppRouter>
  close(): Promise<void>
}

/** A client of a running node's API for commands, with the bearer secret of its run. */
export function connectToNode(url: string, bearer: string): ApiClient {
  class AuthorisedSocket extends WebSocket {
    constructor(address: string | URL) {
      super(address, { headers: { authorization: `Bearer ${bearer}` } })
    }
  }
  const socket = createWSClient({
    url: `${url.replace(/^http/, 'ws')}/api`,
    // The WebSocket of `ws` has the browser's shape, with more events than its type names.
    WebSocket: AuthorisedSocket as unknown as typeof globalThis.WebSocket,
    retryDelayMs: () => 500,
  })
  return {
    api: createTRPCClient<AppRouter>({ links: [wsLink({ client: socket })] }),
    close: () => socket.close(),
  }
}

/** Turns what came over the border back into the error it was. */
export function fromApiError(error: unknown): unknown {
  if (!(error instanceof TRPCClientError)) return error
  const view = (error.data as { view?: ErrorView } | null)?.view
  return view ? new TidemarkError(view.code, view.message, view.remedy) : error
}
