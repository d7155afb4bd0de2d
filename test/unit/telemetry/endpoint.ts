import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const servers: Server[] = []

/** To be called after each test: ends every endpoint, whatever hangs on it. */
export async function closeEndpoints(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
}

/** A real HTTP server on loopback; its address holds a key that must stay secret. */
export async function endpoint(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/key-that-stays-secret`
}

export interface Question {
  id: number
  method: string
  params: unknown
}

async function questionOf(request: IncomingMessage): Promise<Question> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return JSON.parse(body) as Question
}

/** A JSON-RPC endpoint; what `answer` throws as an object with a code is its error. */
export function rpcEndpoint(answer: (question: Question) => unknown): Promise<string> {
  return endpoint((request, response) => {
    void questionOf(request).then((question) => {
      let reply: object
      try {
        const result = answer(question)
        reply = result === undefined ? { error: { code: -32601, message: 'Method not found' } } : { result }
      } catch (error) {
        reply = { error }
      }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ jsonrpc: '2.0', id: question.id, ...reply }))
    })
  })
}

/** How endpoints fail, and the fixed word each failure is published as. */
export const HOSTILE_ENDPOINTS: readonly (readonly [
  what: string,
  reason: string,
  handler: RequestListener,
])[] = [
  ['hangs', 'timeout', (request) => request.resume()],
  [
    'answers HTML',
    'html',
    (request, response) => {
      request.resume()
      response.setHeader('content-type', 'text/html')
      response.end('<!doctype html>\n<html><body>502 Bad Gateway</body></html>\n')
    },
  ],
  [
    'answers an error status',
    'http-error',
    (request, response) => {
      request.resume()
      response.statusCode = 503
      response.end('no')
    },
  ],
  [
    'streams without end',
    'too-large',
    (request, response) => {
      request.resume()
      const chunk = Buffer.alloc(256 * 1024, '# x\n')
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    },
  ],
  ['closes the connection', 'unreachable', (request) => request.socket.destroy()],
]
