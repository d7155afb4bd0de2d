import { createServer, request as httpRequest, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { addressOf } from '../../../../electron/node/remote-log/address.ts'
import { MAX_BLOCK_BYTES } from '../../../../electron/node/remote-log/bounds.ts'
import type { Database } from '../../../../electron/node/remote-log/database/database.ts'
import {
  CONTENT_STORE_MIGRATIONS,
  createEmbeddedContentStore,
} from '../../../../electron/node/remote-log/embedded/content-store.ts'
import {
  createEmbeddedNameSystem,
  NAME_SYSTEM_MIGRATIONS,
} from '../../../../electron/node/remote-log/embedded/name-system.ts'
import {
  createTwirpContentStore,
  createTwirpNameSystem,
} from '../../../../electron/node/remote-log/twirp/client.ts'
import { toMultiaddr, toUrl } from '../../../../electron/node/remote-log/twirp/multiaddr.ts'
import { startTwirpServer, type TwirpServer } from '../../../../electron/node/remote-log/twirp/server.ts'
import { describeContentStore } from '../content-store-conformance.ts'
import { errorCode, rejectionCode } from '../error-code.ts'
import { describeNameSystem } from '../name-system-conformance.ts'
import { quietLogger } from '../quiet-logger.ts'
import { databaseHost, temporaryFolder } from '../temporary-folder.ts'

const writeToken = 'the-token-of-this-server'

async function serve(
  options: { writeToken?: string } = { writeToken },
): Promise<{ server: TwirpServer; blocks: Database }> {
  const folder = await temporaryFolder()
  const host = databaseHost()
  const blocks = await host.open(join(folder, 'content.db'), CONTENT_STORE_MIGRATIONS)
  const server = await startTwirpServer({
    content: createEmbeddedContentStore({ database: blocks }),
    names: createEmbeddedNameSystem({
      database: await host.open(join(folder, 'names.db'), NAME_SYSTEM_MIGRATIONS),
    }),
    logger: quietLogger,
    ...options,
  })
  onTestFinished(() => server.close())
  return { server, blocks }
}

/** A server that answers whatever `listener` says. */
async function pretend(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const post = (
  url: string,
  path: string,
  type: string,
  body: string | Buffer<ArrayBuffer>,
  headers: Record<string, string> = {},
) => fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type, ...headers }, body })

for (const encoding of ['protobuf', 'json'] as const) {
  describeContentStore(`the twirp service, spoken to in ${encoding}`, async () => {
    const { server, blocks } = await serve()
    return {
      store: createTwirpContentStore({ url: server.url, encoding, writeToken }),
      other: createTwirpContentStore({ url: server.url, encoding }),
      corrupt: async (address, content) => {
        await blocks.write([
          { sql: 'UPDATE block SET content = ? WHERE address = ?', rows: [[content, address]] },
        ])
      },
    }
  })

  describeNameSystem(`the twirp service, spoken to in ${encoding}`, async () => {
    const { server } = await serve()
    let names = 0
    return {
      names: createTwirpNameSystem({ url: server.url, encoding, writeToken }),
      other: createTwirpNameSystem({ url: server.url, encoding }),
      freshName: async () => {
        names += 1
        return `log-${names}`
      },
    }
  })
}

describe('the twirp server', () => {
  it('speaks the paths and the JSON that a caller of the RFC writes by hand', async () => {
    const { server } = await serve()
    const authorization = `Bearer ${writeToken}`
    const data = Buffer.from('hello').toString('base64')
    const added = await post(
      server.url,
      '/twirp/vac.cas.CAS/Add',
      'application/json',
      JSON.stringify({ data }),
      { authorization },
    )
    const { id } = (await added.json()) as { id: string }
    expect(id).toBe(Buffer.from(addressOf(Buffer.from('hello'))).toString('base64'))
    const got = await post(
      server.url,
      '/twirp/vac.cas.CAS/Get',
      'application/json; charset=utf-8',
      JSON.stringify({ id }),
    )
    expect(await got.json()).toEqual({ data })
    const update = JSON.stringify({ name: 'n', content: data })
    expect(
      (await post(server.url, '/twirp/vac.ns.NS/Update', 'application/json', update, { authorization }))
        .status,
    ).toBe(200)
    for (const service of ['vac.ns.NS', 'vac.cas.NS']) {
      const fetched = await post(server.url, `/twirp/${service}/Fetch`, 'application/json', '{"name":"n"}')
      expect(await fetched.json()).toEqual({ data })
    }
  })

  it.each<[string, string, string, string, number, string]>([
    ['an unknown method', '/twirp/vac.cas.CAS/Delete', 'application/json', '{}', 404, 'bad_route'],
    ['an unknown content type', '/twirp/vac.cas.CAS/Get', 'text/plain', '{}', 404, 'bad_route'],
    ['JSON that is none', '/twirp/vac.cas.CAS/Get', 'application/json', '{', 400, 'malformed'],
    ['protobuf that is none', '/twirp/vac.cas.CAS/Get', 'application/protobuf', '\x0f', 400, 'malformed'],
    [
      'an address that is none',
      '/twirp/vac.cas.CAS/Get',
      'application/json',
      '{"id":"AAAA"}',
      400,
      'invalid_argument',
    ],
    [
      'a name that is none',
      '/twirp/vac.ns.NS/Fetch',
      'application/json',
      '{"name":"a b"}',
      400,
      'invalid_argument',
    ],
    [
      'a name nobody published',
      '/twirp/vac.ns.NS/Fetch',
      'application/json',
      '{"name":"ab"}',
      404,
      'not_found',
    ],
  ])('answers %s with an error of twirp', async (_what, path, type, body, status, code) => {
    const { server } = await serve()
    const response = await post(server.url, path, type, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ code, msg: expect.stringMatching(/\S/) })
  })

  it('answers other HTTP methods with an error', async () => {
    const { server } = await serve()
    expect((await fetch(`${server.url}/twirp/vac.cas.CAS/Get`)).status).toBe(404)
  })

  it('lets nobody add or update without the token', async () => {
    const { server } = await serve()
    for (const token of [undefined, 'another-token-of-a-server', `${writeToken}x`]) {
      const content = createTwirpContentStore({ url: server.url, writeToken: token })
      const names = createTwirpNameSystem({ url: server.url, writeToken: token })
      expect(await rejectionCode(content.add(Buffer.of(1)))).toBe('store-refused')
      expect(await rejectionCode(names.update('n', Buffer.of(1)))).toBe('name-refused')
      expect(await rejectionCode(names.fetch('n'))).toBe('name-missing')
    }
  })

  it('is for reading only when it has no token', async () => {
    const { server } = await serve({})
    const names = createTwirpNameSystem({ url: server.url, writeToken: 'undefined' })
    expect(await rejectionCode(names.update('n', Buffer.of(1)))).toBe('name-refused')
  })

  it('turns away callers that reach it under a foreign host name', async () => {
    const { server } = await serve()
    const { port } = new URL(server.url)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = httpRequest({
        port,
        host: '127.0.0.1',
        method: 'POST',
        path: '/twirp/vac.ns.NS/Fetch',
        headers: { host: `rebound.example:${port}`, 'content-type': 'application/json' },
      })
      call.on('response', (response) => resolve(response.statusCode)).on('error', reject)
      call.end('{"name":"n"}')
    })
    expect(status).toBe(403)
  })

  it('refuses a body that is too large, announced or not, without keeping it', async () => {
    const { server } = await serve()
    const headers = { authorization: `Bearer ${writeToken}` }
    const announced = await post(
      server.url,
      '/twirp/vac.cas.CAS/Add',
      'application/protobuf',
      Buffer.alloc(2 * MAX_BLOCK_BYTES),
      headers,
    )
      .then((response) => response.status)
      .catch(() => 'closed')
    expect([400, 'closed']).toContain(announced)
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })
    const streamed = await fetch(`${server.url}/twirp/vac.cas.CAS/Add`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/protobuf' },
      body: endless,
      duplex: 'half',
    } as RequestInit)
      .then((response) => response.status)
      .catch(() => 'closed')
    expect([400, 'closed']).toContain(streamed)
  })

  it('says which port is taken', async () => {
    const { server } = await serve()
    const second = startTwirpServer({
      content: createTwirpContentStore({ url: server.url }),
      names: createTwirpNameSystem({ url: server.url }),
      port: Number(new URL(server.url).port),
      logger: quietLogger,
    })
    expect(await rejectionCode(second)).toBe('port-in-use')
  })
})

describe('a twirp client', () => {
  const address = addressOf(Buffer.from('x'))

  it('gives up on a server that does not answer', async () => {
    const url = await pretend(() => undefined)
    expect(await rejectionCode(createTwirpContentStore({ url, timeoutMs: 50 }).get(address))).toBe('timeout')
    expect(await rejectionCode(createTwirpNameSystem({ url, timeoutMs: 50 }).fetch('n'))).toBe('timeout')
  })

  it('gives up on a server that sends drop by drop', async () => {
    const url = await pretend((_request, response) => {
      const drops = setInterval(() => response.write(Buffer.of(0x0a)), 10)
      response.on('close', () => clearInterval(drops))
    })
    expect(await rejectionCode(createTwirpContentStore({ url, timeoutMs: 100 }).get(address))).toBe('timeout')
  })

  it('stops when its caller does', async () => {
    const url = await pretend(() => undefined)
    const controller = new AbortController()
    const call = createTwirpContentStore({ url }).get(address, { signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
  })

  it('stops reading an answer that is larger than a block', async () => {
    const url = await pretend((_request, response) => {
      const send = (): void => {
        while (response.write(Buffer.alloc(65_536)));
        response.once('drain', send)
      }
      send()
    })
    expect(await rejectionCode(createTwirpContentStore({ url }).get(address))).toBe('content-too-large')
  })

  it('does not follow a server that sends it elsewhere', async () => {
    const url = await pretend((_request, response) =>
      response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
    )
    expect(await rejectionCode(createTwirpContentStore({ url }).get(address))).toBe('store-unreachable')
  })

  it('tells an unreachable server from one that lacks the content', async () => {
    expect(await rejectionCode(createTwirpContentStore({ url: 'http://127.0.0.1:1' }).get(address))).toBe(
      'store-unreachable',
    )
  })

  it('takes an empty answer for missing, as servers without errors send it', async () => {
    const url = await pretend((_request, response) => response.end())
    expect(await rejectionCode(createTwirpContentStore({ url }).get(address))).toBe('content-missing')
    expect(await rejectionCode(createTwirpNameSystem({ url }).fetch('n'))).toBe('name-missing')
  })

  it('refuses a store whose addresses cannot be checked', async () => {
    const url = await pretend((_request, response) => response.end(Buffer.from([0x0a, 2, 1, 2])))
    expect(await rejectionCode(createTwirpContentStore({ url }).add(Buffer.from('x')))).toBe('store-refused')
  })

  it('copes with errors that are not twirp', async () => {
    const url = await pretend((_request, response) => response.writeHead(502).end('<html>bad gateway</html>'))
    expect(await rejectionCode(createTwirpContentStore({ url }).get(address))).toBe('store-unreachable')
  })
})

describe('the multiaddr of an HTTP service', () => {
  it.each([
    ['http://127.0.0.1:8080', '/ip4/127.0.0.1/tcp/8080/http'],
    ['https://cas.example', '/dns/cas.example/tcp/443/https'],
    ['http://[::1]:9000/base/path', '/ip6/::1/tcp/9000/http/http-path/base%2Fpath'],
  ])('of %s is %s, and leads back', (url, text) => {
    expect(toMultiaddr(url)).toBe(text)
    expect(new URL(toUrl(text)).href).toBe(new URL(url).href)
  })

  it('is refused when it names no HTTP service', () => {
    expect(errorCode(() => toUrl('/ip4/127.0.0.1/tcp/4001'))).toBe('address-invalid')
    expect(errorCode(() => toUrl('nonsense'))).toBe('address-invalid')
  })
})
