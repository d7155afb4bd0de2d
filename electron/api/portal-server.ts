import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import { type ErrorCode, TidemarkError, toErrorView } from '../../shared/errors.ts'
import type { Logger } from '../node/ports.ts'
import type { StorageNode } from '../node/storage-node.ts'
import { EXPORT_PATH, sendExport } from './export-download.ts'
import { createNodeMetrics, type NodeMetrics } from './node-metrics.ts'
import { appRouter } from './router.ts'
import { setSecurityHeaders, VERIFICATION_PAGE, VERIFICATION_PAGE_POLICY } from './security-headers.ts'
import { createSessionGuard, type SessionGuard } from './session-guard.ts'
import { createStaticFiles, type StaticFiles } from './static-files.ts'
import type { Licences } from './trpc.ts'

/** Largest message a window sends: a query with its filters is far below. */
const MAX_REQUEST_BYTES = 256 * 1024
/** Windows of one user. */
const MAX_CONNECTIONS = 64
const KEEP_ALIVE_MS = 30_000
const CLOSE_DEADLINE_MS = 2_000

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  'forbidden-host': 421,
  'forbidden-origin': 403,
  unauthorised: 401,
  'launch-token-invalid': 401,
  'message-not-found': 404,
  'query-not-open': 404,
}

export interface PortalServer {
  /** Base address, e.g. `http://127.0.0.1:41234`. */
  readonly url: string
  /** The launch token of this start; single use. */
  readonly token: string
  /** Secret of the command line, valid for this run. */
  readonly bearer: string
  close(): Promise<void>
}

export interface PortalServerOptions {
  node: StorageNode
  licences: Licences
  rendererDir: string
  /** 0 lets the system choose. */
  port: number
  logger: Logger
}

/** @throws TidemarkError `port-in-use` */
async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new TidemarkError(
              'port-in-use',
              `Port ${port} on this machine is taken or not allowed.`,
              'Choose another with --port, or --port 0 for any free one.',
              { cause: error },
            )
          : error,
      )
    })
    server.listen(port, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

function sendError(response: ServerResponse, error: unknown): void {
  const view = toErrorView(error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(STATUS_OF[view.code] ?? 500, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(`${view.message}\n${view.remedy}\n`)
}

interface AnswerParts {
  guard: SessionGuard
  node: StorageNode
  files: StaticFiles
  metrics: NodeMetrics
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { guard, node, files, metrics }: AnswerParts,
): Promise<void> {
  setSecurityHeaders(response)
  guard.checkHost(request)
  guard.checkOrigin(request)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const url = new URL(request.url ?? '/', 'http://portal')
  if (url.pathname === '/health') {
    const body = JSON.stringify(await node.health())
    response
      .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
      .end(body)
    return
  }
  if (url.pathname === '/metrics') {
    // Host was checked above; whether a scraper on this machine needs a token, the user has settled.
    const isAdmitted = node.metrics.isOpen() || node.metrics.admits(request.headers.authorization)
    if (!isAdmitted) guard.checkCredential(request)
    const body = await metrics.text()
    response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' }).end(body)
    return
  }
  if (url.pathname === '/launch') {
    const session = guard.redeemLaunchToken(url.searchParams.get('token') ?? '')
    response.writeHead(303, {
      'set-cookie': `${guard.cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
      'cache-control': 'no-store',
      location: '/',
    })
    response.end()
    return
  }
  guard.checkCredential(request)
  if (url.pathname.startsWith(EXPORT_PATH) && request.method === 'GET') {
    await sendExport(node.exports, url.pathname.slice(EXPORT_PATH.length), response)
    return
  }
  if (url.pathname === VERIFICATION_PAGE) {
    response.setHeader('content-security-policy', VERIFICATION_PAGE_POLICY)
  }
  if (await files.serve(url.pathname, response)) return
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n')
}

/** The portal over loopback HTTP and WebSocket: the same renderer and the same router as in the desktop window. */
export async function startPortalServer({
  node,
  licences,
  rendererDir,
  port,
  logger,
}: PortalServerOptions): Promise<PortalServer> {
  const files = await createStaticFiles(rendererDir)
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000 })
  const bound = await listen(server, port)
  const guard = createSessionGuard(bound)
  const metrics = createNodeMetrics(node)

  server.on('request', (request, response) => {
    answer(request, response, { guard, node, files, metrics }).catch((error: unknown) => {
      // A browser that has seen enough closes the connection: that is its right, and no failure.
      if (response.destroyed) return
      // The browser went away while a file was sent: nobody waits for an answer.
      if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return
      if (!(error instanceof TidemarkError)) logger.error({ error }, 'a portal request failed')
      sendError(response, error)
    })
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_REQUEST_BYTES })
  const handler = applyWSSHandler({
    wss: sockets,
    router: appRouter,
    createContext: () => ({ node, licences, issueLaunchToken: () => guard.issueLaunchToken() }),
    keepAlive: { enabled: true, pingMs: KEEP_ALIVE_MS, pongWaitMs: KEEP_ALIVE_MS },
    onError: ({ error, path }) => {
      if (!(error.cause instanceof TidemarkError)) logger.warn({ path, error }, 'a call failed')
    },
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    try {
      guard.checkHost(request)
      guard.checkOrigin(request)
      guard.checkCredential(request)
      if (
        new URL(request.url ?? '/', 'http://portal').pathname !== '/api' ||
        sockets.clients.size >= MAX_CONNECTIONS
      ) {
        throw new TidemarkError(
          'invalid-input',
          'No such socket, or too many windows.',
          'Close a window and try again.',
        )
      }
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
    } catch (error) {
      const status = STATUS_OF[toErrorView(error).code] ?? 400
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    }
  })

  return {
    url: `http://127.0.0.1:${bound}`,
    token: guard.issueLaunchToken(),
    bearer: guard.bearer,
    async close() {
      metrics.close()
      handler.broadcastReconnectNotification()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const client of sockets.clients) client.close(1001)
      sockets.close()
      server.closeIdleConnections()
      const timer = setTimeout(() => {
        for (const client of sockets.clients) client.terminate()
        server.closeAllConnections()
      }, CLOSE_DEADLINE_MS)
      await closed
      clearTimeout(timer)
    },
  }
}
