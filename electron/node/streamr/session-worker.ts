import './sdk-home.ts'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { StreamrClient } from '@streamr/sdk'
import { type ErrorView, TidemarkError, toErrorView } from '../../../shared/errors.ts'
import { clientConfig, type LoopbackEndpoint } from './client-config.ts'
import { ClientSession } from './client-session.ts'
import { MessageOutbox } from './message-outbox.ts'
import type { SessionConfig, SessionEvent, SessionRequest } from './session-protocol.ts'
import { toTidemarkError } from './streamr-errors.ts'

/** How often neighbours are looked at; they change seldom and are for show. */
const NEIGHBOURS_INTERVAL_MS = 500
const NODE_ID_BYTES = 20

if (parentPort === null) throw new Error('This module runs as a worker')
const port = parentPort
const config = workerData as SessionConfig

function send(event: SessionEvent, transfer: ArrayBuffer[] = []): void {
  port.postMessage(event, transfer)
}

function toReport(error: unknown): ErrorView | string {
  const known = toTidemarkError(error)
  return known instanceof TidemarkError ? toErrorView(known) : String((known as Error)?.message ?? known)
}

/** Where all nodes are on this machine they name themselves: nothing is looked up on the web. */
async function loopbackEndpoint(): Promise<LoopbackEndpoint | undefined> {
  if (!config.isLoopback) return undefined
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port')
  return { nodeId: randomBytes(NODE_ID_BYTES).toString('hex'), port: address.port }
}

const outbox = new MessageOutbox(
  (messages, receivedAt) => {
    const buffers = messages.map((message) => message.buffer as ArrayBuffer)
    send({ kind: 'messages', messages, receivedAt }, buffers)
  },
  (refusals) => send({ kind: 'refused', ...refusals }),
)

async function run(): Promise<void> {
  const { environment, network, privateKey } = config
  const client = new StreamrClient(clientConfig(environment, network, privateKey, await loopbackEndpoint()))
  const session = new ClientSession(client, outbox)
  await session.connect()

  let lastNeighbours = ''
  const timer = setInterval(() => {
    const parts = session.neighbours()
    const text = JSON.stringify(parts)
    if (text === lastNeighbours) return
    lastNeighbours = text
    send({ kind: 'neighbours', parts })
  }, NEIGHBOURS_INTERVAL_MS)

  port.on('message', (request: SessionRequest) => {
    if (request.kind === 'taken') return outbox.taken(request.bytes)
    if (request.kind === 'stop') {
      clearInterval(timer)
      void session.destroy().finally(() => send({ kind: 'stopped' }))
      return
    }
    const method = session[request.method] as (...args: unknown[]) => Promise<unknown>
    method.apply(session, request.args).then(
      (value) => send({ kind: 'result', id: request.id, value }),
      (error: unknown) => send({ kind: 'error', id: request.id, error: toReport(error) }),
    )
  })
  send({ kind: 'ready' })
}

await run().catch((error: unknown) => send({ kind: 'failed', error: toReport(error) }))
