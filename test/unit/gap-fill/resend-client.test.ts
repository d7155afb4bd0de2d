import { createServer, type RequestListener, type Server } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import {
  ResendClient,
  type ResendClientOptions,
  type Stretch,
} from '../../../electron/node/gap-fill/resend-client.ts'

const STRETCH: Stretch = {
  part: '0xabc/oven#3',
  from: { timestamp: 5, sequence: 1 },
  to: { timestamp: 9, sequence: 2 },
  of: { publisher: '0xb1', chain: 'a&b=c' },
}
const never = new AbortController().signal

const servers: (Server | TcpServer)[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  }
})

async function listen(server: Server | TcpServer): Promise<string> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const serve = (listener: RequestListener) => listen(createServer(listener))
const serveRaw = (onSocket: (socket: Socket) => void) => listen(createTcpServer(onSocket))

function framed(...texts: string[]): Buffer {
  return Buffer.concat(
    texts.flatMap((text) => {
      const prefix = Buffer.alloc(4)
      prefix.writeUInt32BE(text.length)
      return [prefix, Buffer.from(text)]
    }),
  )
}

async function ask(
  url: string,
  options: Partial<ResendClientOptions> = {},
  signal = never,
  stretch = STRETCH,
) {
  const client = new ResendClient({ allowPrivateAddresses: true, ...options })
  const answer = await client.ask(url, stretch, signal)
  const texts: string[] = []
  for await (const batch of answer.messages)
    texts.push(...batch.map((bytes) => Buffer.from(bytes).toString()))
  return { texts, isCut: answer.isCut() }
}

describe('a resend asked of another storage node', () => {
  it('is asked in Streamr’s own words', async () => {
    const targets: string[] = []
    const url = await serve((request, response) => {
      targets.push(request.url ?? '')
      response.end(framed('one', 'two'))
    })
    expect(await ask(`${url}/node/`)).toEqual({ texts: ['one', 'two'], isCut: false })
    expect(targets[0]).toBe(
      '/node/streams/0xabc%2Foven/data/partitions/3/range?fromTimestamp=5&fromSequenceNumber=1' +
        '&toTimestamp=9&toSequenceNumber=2&publisherId=0xb1&msgChainId=a%26b%3Dc&format=raw',
    )
    await ask(url, {}, never, { part: '0xabc/oven#3', from: { timestamp: 5, sequence: 0 } })
    expect(targets[1]).toBe(
      '/streams/0xabc%2Foven/data/partitions/3/from?fromTimestamp=5&fromSequenceNumber=0&format=raw',
    )
  })

  it('fails in words when the node refuses', async () => {
    const url = await serve((_, response) => response.writeHead(429).end())
    await expect(ask(url)).rejects.toMatchObject({
      failure: 'status',
      message: 'It answered with the HTTP status 429.',
    })
  })

  it('does not follow the node elsewhere', async () => {
    const elsewhere: string[] = []
    const target = await serve((request, response) => {
      elsewhere.push(request.url ?? '')
      response.end()
    })
    const url = await serve((_, response) => response.writeHead(302, { location: target }).end())
    await expect(ask(url)).rejects.toMatchObject({ failure: 'status' })
    expect(elsewhere).toEqual([])
  })

  it('fails in words when nobody listens there', async () => {
    await expect(ask('http://127.0.0.1:1')).rejects.toMatchObject({ failure: 'unreachable' })
  })

  it.each(['ftp://127.0.0.1', 'file:///etc/passwd', 'nothing', 'javascript:alert(1)'])(
    'does not go to %s',
    async (url) => {
      await expect(ask(url)).rejects.toMatchObject({ failure: 'address-refused' })
    },
  )

  it.each([
    'http://127.0.0.1:1',
    'http://localhost:1',
    'http://[::1]:1',
    'http://2130706433:1',
    'http://0x7f.1:1',
  ])('does not go to %s on behalf of strangers', async (url) => {
    await expect(ask(url, { allowPrivateAddresses: false })).rejects.toMatchObject({
      failure: 'address-refused',
    })
  })

  it('leaves a node that takes the request and says nothing', async () => {
    const url = await serveRaw(() => undefined)
    await expect(ask(url, { silenceDeadlineMs: 100 })).rejects.toMatchObject({ failure: 'silent' })
  })

  it('leaves a node that falls silent in the middle', async () => {
    const url = await serve((_, response) => response.write(framed('one')))
    await expect(ask(url, { silenceDeadlineMs: 100 })).rejects.toMatchObject({ failure: 'silent' })
  })

  it('tells a broken connection from the end', async () => {
    const url = await serve((_, response) => {
      response.write(framed('one'))
      setImmediate(() => response.destroy())
    })
    await expect(ask(url)).rejects.toMatchObject({ failure: 'broken' })
  })

  it('ends at its bound and says so', async () => {
    let written = 0
    const url = await serve((_, response) => {
      const more = () => {
        written += 1
        if (response.write(framed('x'.repeat(10_000)))) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    })
    const { texts, isCut } = await ask(url, { maxAnswerBytes: 200_000 })
    expect(isCut).toBe(true)
    expect(texts.length).toBeGreaterThanOrEqual(19)
    expect(written).toBeLessThan(10_000)
  })

  it('ends when it is told to, before and in the middle of an answer', async () => {
    const abort = new AbortController()
    const url = await serve((_, response) => {
      response.write(framed('one'))
      setTimeout(() => abort.abort(new Error('enough')), 20)
    })
    await expect(ask(url, {}, abort.signal)).rejects.toThrow('enough')
    await expect(ask(url, {}, abort.signal)).rejects.toThrow('enough')
  })
})
