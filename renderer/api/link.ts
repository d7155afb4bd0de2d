import { createWSClient, type TRPCLink, wsLink } from '@trpc/client'
import type { AppRouter } from '../../electron/api/router.ts'
import type { DesktopBridge } from '../../shared/desktop-bridge.ts'
import { ipcLink } from './ipc-link.ts'

declare global {
  interface Window {
    /** Put there by the preload script of the desktop window; a browser has none. */
    readonly tidemark?: DesktopBridge
  }
}

/** Ever more slowly, but never so slowly that a returning node goes unnoticed. */
const RETRY_BASE_MS = 250
const RETRY_MAX_MS = 5_000
const PING_INTERVAL_MS = 10_000
const PONG_TIMEOUT_MS = 8_000

export interface LinkEvents {
  onOpen(): void
  onClose(): void
}

/** The way to the node: Electron's IPC inside the desktop window, a WebSocket to the page's own host elsewhere. */
export function createLink(events: LinkEvents): TRPCLink<AppRouter> {
  if (window.tidemark !== undefined) {
    events.onOpen()
    return ipcLink<AppRouter>({ bridge: window.tidemark })
  }
  const protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
  const client = createWSClient({
    url: `${protocol}//${location.host}/api`,
    retryDelayMs: (attempt) => Math.min(RETRY_BASE_MS * 2 ** attempt, RETRY_MAX_MS),
    keepAlive: { enabled: true, intervalMs: PING_INTERVAL_MS, pongTimeoutMs: PONG_TIMEOUT_MS },
    onOpen: events.onOpen,
    onClose: events.onClose,
  })
  return wsLink<AppRouter>({ client })
}
