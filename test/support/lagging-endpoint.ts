import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A chain's JSON-RPC endpoint that can be made to fall behind the chain, as a node that stopped syncing does. */
export interface LaggingEndpoint {
  readonly url: string
  /** From now on the newest block is the present one, whatever the chain does. */
  hold(): Promise<void>
  catchUp(): void
  close(): Promise<void>
}

/** @param url of the endpoint that knows */
export async function startLaggingEndpoint(url: string): Promise<LaggingEndpoint> {
  let held: string | undefined
  const ask = async (body: string): Promise<string> => {
    const answer = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    return answer.text()
  }
  const server = createServer((request, response) => {
    text(request)
      .then((body) => ask(held === undefined ? body : body.replaceAll('"latest"', JSON.stringify(held))))
      .then((answer) => response.setHeader('content-type', 'application/json').end(answer))
      .catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async hold() {
      const answer = await ask('{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}')
      held = (JSON.parse(answer) as { result: string }).result
    },
    catchUp() {
      held = undefined
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
