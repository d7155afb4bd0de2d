import { Agent, get, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { DEFAULT_LIMITS } from '../../../electron/api/storage-http/limits.ts'
import {
  type StorageServer,
  type StorageServerOptions,
  startStorageServer,
} from '../../../electron/api/storage-http/storage-server.ts'
import type { Logger, StoredMessage } from '../../../electron/node/ports.ts'
import { MemoryMessages, STREAM_ID, storedMessage } from './stored-messages.ts'

const PATH = `/streams/${encodeURIComponent(STREAM_ID)}`
const LAST = `${PATH}/data/partitions/0/last`
const ALL_RAW = `${PATH}/data/partitions/0/from?fromTimestamp=0&format=raw`

const errors: unknown[] = []
const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (fields) => errors.push(fields),
  child: () => logger,
}

const running: StorageServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
  errors.length = 0
})

async function serve(store: StorageServerOptions['store'], options: Partial<StorageServerOptions> = {}) {
  const server = await startStorageServer({
    store,
    isStored: (part) => part === `${STREAM_ID}#0`,
    host: '127.0.0.1',
    port: 0,
    logger,
    ...options,
  })
  running.push(server)
  return server
}

/** `count` messages of about `sizeBytes`, one a millisecond. */
function series(count: number, sizeBytes = 100): StoredMessage[] {
  const content = Buffer.alloc(sizeBytes, 32)
  return Array.from({ length: count }, (_, timestamp) => storedMessage({ timestamp, content }))
}

/** Several times what the buffers of two sockets hold. */
const MUCH = series(40_000, 1_000)

async function getJson(url: string, init?: RequestInit) {
  const response = await fetch(url, init)
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as { error: string },
  }
}

/** An answer whose body is not read yet. */
function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).once('error', reject)
  })
}

const untilTrue = (condition: () => boolean) =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 10_000 })

describe('the storage interface', () => {
  it('answers the newest message as an object when nothing else is asked', async () => {
    const server = await serve(new MemoryMessages(series(3)))
    const response = await fetch(server.url + LAST)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toEqual([expect.objectContaining({ streamId: STREAM_ID, timestamp: 2 })])
  })

  it('answers raw messages in ascending order, byte for byte, none left out and none twice', async () => {
    const messages = series(5_000, 300)
    const server = await serve(new MemoryMessages(messages))
    const response = await fetch(server.url + ALL_RAW)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    const expected = messages.flatMap(({ raw }) => {
      const prefix = Buffer.alloc(4)
      prefix.writeUInt32BE(raw.length)
      return [prefix, raw]
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.concat(expected))).toBe(true)
  })

  it('serves what is verified or undecided, and nothing forged or unauthorised', async () => {
    const verdicts = ['verified', 'forged', 'pending', 'unauthorised'] as const
    const server = await serve(
      new MemoryMessages(verdicts.map((verdict, timestamp) => storedMessage({ timestamp, verdict }))),
    )
    const response = await fetch(`${server.url}${LAST}?count=10`)
    const objects = (await response.json()) as { timestamp: number }[]
    expect(objects.map(({ timestamp }) => timestamp)).toEqual([0, 2])
  })

  it('intersects bounds that share a timestamp', async () => {
    const server = await serve(
      new MemoryMessages(
        Array.from({ length: 10 }, (_, sequence) => storedMessage({ timestamp: 7, sequence })),
      ),
    )
    const query = 'fromTimestamp=7&fromSequenceNumber=3&toTimestamp=7&toSequenceNumber=5'
    const response = await fetch(`${server.url}${PATH}/data/partitions/0/range?${query}`)
    const objects = (await response.json()) as { sequenceNumber: number }[]
    expect(objects.map(({ sequenceNumber }) => sequenceNumber)).toEqual([3, 4, 5])
  })

  it.each([
    ['object', '[]'],
    ['raw', ''],
  ])('answers nothing in the %s format for a partition no stream has', async (format, body) => {
    const server = await serve(new MemoryMessages(series(3)))
    const response = await fetch(`${server.url}${PATH}/data/partitions/777/last?format=${format}`)
    expect(response.status).toBe(200)
    expect(await response.text()).toBe(body)
  })

  it('tells a malformed request what is wrong', async () => {
    const server = await serve(new MemoryMessages([]))
    const { status, body } = await getJson(`${server.url}${LAST}?count=ten`)
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: 'Query parameter "count" not a number: ten' },
    })
  })

  it('tells how much of a part is stored', async () => {
    const messages = series(4)
    const server = await serve(new MemoryMessages(messages))
    const known = await fetch(`${server.url}${PATH}/metadata/partitions/0`)
    expect(await known.json()).toEqual({
      totalBytes: messages.reduce((sum, { raw }) => sum + raw.length, 0),
      totalMessages: 4,
      firstMessage: 0,
      lastMessage: 3,
    })
    const unknown = await fetch(`${server.url}${PATH}/metadata/partitions/5`)
    expect(await unknown.json()).toEqual({ totalBytes: 0, totalMessages: 0, firstMessage: 0, lastMessage: 0 })
    const { status, body } = await getJson(`${server.url}${PATH}/metadata/partitions/x`)
    expect({ status, body }).toEqual({
      status: 400,
      body: { error: 'Path parameter "partition" not a number: x' },
    })
  })

  it('tells whether a part is stored', async () => {
    const server = await serve(new MemoryMessages([]))
    const stored = await fetch(`${server.url}${PATH}/storage/partitions/0`)
    expect([stored.status, await stored.json()]).toEqual([200, {}])
    expect((await fetch(`${server.url}${PATH}/storage/partitions/1`)).status).toBe(404)
    expect((await fetch(`${server.url}${PATH}/storage/partitions/100`)).status).toBe(404)
  })

  it('knows no other path and no other method', async () => {
    const server = await serve(new MemoryMessages([]))
    expect((await fetch(`${server.url}/`)).status).toBe(404)
    const post = await fetch(server.url + LAST, { method: 'POST', body: 'x' })
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
  })

  it('answers HEAD with the headers alone, without reading messages', async () => {
    const store = new MemoryMessages(series(500))
    const server = await serve(store)
    const head = await fetch(server.url + ALL_RAW, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
    expect(store.batchesRead).toBe(0)
  })
})

describe('a store that fails', () => {
  async function* failAfter(batches: number): AsyncGenerator<StoredMessage[]> {
    for (let at = 0; at < batches; at++) yield series(1_000, 1_000)
    throw new Error('the disk is gone')
  }

  it('is told in Streamr’s words while nothing was sent', async () => {
    const server = await serve({ query: () => failAfter(0), statistics: async () => [] })
    const { status, body } = await getJson(server.url + LAST)
    expect({ status, body }).toEqual({ status: 500, body: { error: 'Failed to fetch data!' } })
    expect(errors).toHaveLength(1)
  })

  it('breaks the connection once something was sent, so that no client takes a part for the whole', async () => {
    const server = await serve({ query: () => failAfter(3), statistics: async () => [] })
    const response = await fetch(server.url + ALL_RAW)
    expect(response.status).toBe(200)
    await expect(response.arrayBuffer()).rejects.toThrow()
  })
})

describe('clients that are slow, gone or many', () => {
  it('makes the store wait for a client that does not read, and holds no more than a few batches', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store)
    const response = await open(server.url + ALL_RAW)
    await untilTrue(() => store.batchesRead > 0)
    let before = -1
    while (before !== store.batchesRead) {
      before = store.batchesRead
      await delay(200)
    }
    expect(store.batchesRead).toBeLessThan(store.messages.length / store.batchSize / 2)
    response.destroy()
    await untilTrue(() => store.running === 0)
  })

  it('stops asking the store when the client goes away', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store)
    const response = await open(server.url + ALL_RAW)
    await untilTrue(() => store.batchesRead > 0)
    response.destroy()
    await untilTrue(() => store.aborted === 1 && store.running === 0)
    expect(errors).toEqual([])
  })

  it('stops asking the store for requests that were still waiting behind another on a connection that closed', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store)
    const pipelining = connect(Number(new URL(server.url).port), '127.0.0.1')
    pipelining.pause()
    pipelining.write(`GET ${ALL_RAW} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(20))
    await untilTrue(() => store.running === 20)
    pipelining.destroy()
    await untilTrue(() => store.running === 0)
  })

  it('cuts off a client that takes nothing until the idle deadline', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store, { limits: { idleDeadlineMs: 300 } })
    const response = await open(server.url + ALL_RAW)
    await untilTrue(() => store.batchesRead > 0 && store.running === 0)
    expect(store.batchesRead).toBeLessThan(store.messages.length / store.batchSize)
    const rest = (async () => {
      for await (const _ of response);
    })()
    await expect(rest).rejects.toThrow()
  })

  it('does not count the time the store takes against the client', async () => {
    async function* slowly(): AsyncGenerator<StoredMessage[]> {
      yield series(1_000, 1_000)
      await delay(500)
      yield series(1_000, 1_000)
    }
    const server = await serve(
      { query: slowly, statistics: async () => [] },
      { limits: { idleDeadlineMs: 100 } },
    )
    const bytes = await (await fetch(server.url + ALL_RAW)).arrayBuffer()
    expect(bytes.byteLength).toBeGreaterThan(2_000_000)
  })

  it('answers others while one reads a byte at a time', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store)
    const slow = connect(Number(new URL(server.url).port), '127.0.0.1')
    slow.pause()
    slow.write(`GET ${ALL_RAW} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    const reading = setInterval(() => slow.read(1), 100)
    await untilTrue(() => store.batchesRead > 0)
    for (let at = 0; at < 20; at++) expect((await fetch(server.url + LAST)).status).toBe(200)
    clearInterval(reading)
    slow.destroy()
    await untilTrue(() => store.running === 0)
  })

  it('answers a thousand parallel requests, a bounded number at once', async () => {
    const store = new MemoryMessages(series(50), 10, () => delay(1))
    const server = await serve(store)
    const agent = new Agent({ maxSockets: 1_000 })
    const statuses = await Promise.all(
      Array.from(
        { length: 1_000 },
        () =>
          new Promise<number | undefined>((resolve, reject) => {
            get(`${server.url}${LAST}?count=50`, { agent }, (response) => {
              response.resume().once('end', () => resolve(response.statusCode))
            }).once('error', reject)
          }),
      ),
    )
    agent.destroy()
    expect(statuses.every((status) => status === 200)).toBe(true)
    expect(store.mostRunning).toBeGreaterThan(1)
    expect(store.mostRunning).toBeLessThanOrEqual(DEFAULT_LIMITS.maxActivePerClient)
  })

  it('tells those beyond the queue to come back', async () => {
    const store = new MemoryMessages(MUCH)
    const limits = { maxActive: 1, maxActivePerClient: 1, maxWaiting: 0, waitDeadlineMs: 5_000 }
    const server = await serve(store, { limits })
    const first = await open(server.url + ALL_RAW)
    const { status, headers } = await getJson(server.url + LAST)
    expect([status, headers.get('retry-after')]).toEqual([503, '5'])
    first.destroy()
    await untilTrue(() => store.running === 0)
    expect((await fetch(server.url + LAST)).status).toBe(200)
  })

  it('tells one that waited too long to come back', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store, { limits: { maxActive: 1, maxActivePerClient: 1, waitDeadlineMs: 50 } })
    const first = await open(server.url + ALL_RAW)
    expect((await getJson(server.url + LAST)).status).toBe(503)
    first.destroy()
  })

  it('limits how often a client asks', async () => {
    const server = await serve(new MemoryMessages([]), { limits: { burst: 2, requestsPerSecond: 0.1 } })
    expect((await fetch(server.url + LAST)).status).toBe(200)
    expect((await fetch(server.url + LAST)).status).toBe(200)
    const { status, headers } = await getJson(server.url + LAST)
    expect(status).toBe(429)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('API keys', () => {
  const apiKeys = [{ name: 'charts', key: 'k'.repeat(32) }]
  const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}` } })

  it('are asked for where they are required', async () => {
    const server = await serve(new MemoryMessages([]), { apiKeys, requireApiKey: true })
    expect((await fetch(server.url + LAST)).status).toBe(401)
    expect((await fetch(server.url + LAST, withKey('x'.repeat(32)))).status).toBe(403)
    expect((await fetch(server.url + LAST, withKey('k'.repeat(32)))).status).toBe(200)
  })

  it('have a rate limit of their own, whatever others at the same address do', async () => {
    const server = await serve(new MemoryMessages([]), {
      apiKeys,
      limits: { burst: 1, requestsPerSecond: 0.1 },
    })
    expect((await fetch(server.url + LAST)).status).toBe(200)
    expect((await fetch(server.url + LAST)).status).toBe(429)
    expect((await fetch(server.url + LAST, withKey('k'.repeat(32)))).status).toBe(200)
    expect((await fetch(server.url + LAST, withKey('k'.repeat(32)))).status).toBe(429)
  })

  it('are refused at the start when they can be guessed', async () => {
    await expect(serve(new MemoryMessages([]), { apiKeys: [{ name: 'weak', key: 'k' }] })).rejects.toThrow(
      RangeError,
    )
  })
})

describe('names and origins', () => {
  const statusUnder = (url: string, host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(url + LAST, { headers: { host }, agent: false }, (response) => {
        resolve(response.resume().statusCode)
      })
        .once('error', reject)
        .end()
    })

  it('on loopback, only its own and advertised names are answered', async () => {
    const advertisedUrls = ['https://storage.example.org/tidemark']
    const server = await serve(new MemoryMessages([]), { advertisedUrls })
    expect(await statusUnder(server.url, 'localhost:1')).toBe(200)
    expect(await statusUnder(server.url, 'Storage.example.org')).toBe(200)
    expect(await statusUnder(server.url, 'rebound.example.com')).toBe(421)
  })

  it('on loopback, pages of other origins are not let in', async () => {
    const server = await serve(new MemoryMessages([]))
    expect((await fetch(server.url + LAST)).headers.get('access-control-allow-origin')).toBeNull()
  })

  it('open to the world, clients in browsers are let in, also to read errors', async () => {
    const server = await serve(new MemoryMessages([]), { host: '0.0.0.0' })
    expect((await fetch(server.url + LAST)).headers.get('access-control-allow-origin')).toBe('*')
    expect((await fetch(`${server.url}/x`)).headers.get('access-control-allow-origin')).toBe('*')
    const preflight = await fetch(server.url + LAST, { method: 'OPTIONS' })
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      'authorization',
    ])
    expect(await statusUnder(server.url, 'any.example.com')).toBe(200)
  })
})

describe('starting and stopping', () => {
  it('says in words that a port is taken', async () => {
    const server = await serve(new MemoryMessages([]))
    const port = Number(new URL(server.url).port)
    await expect(serve(new MemoryMessages([]), { port })).rejects.toMatchObject({ code: 'port-in-use' })
  })

  it('ends with an answer under way, and leaves no query behind', async () => {
    const store = new MemoryMessages(MUCH)
    const server = await serve(store)
    const response = await open(server.url + ALL_RAW)
    const rest = (async () => {
      for await (const _ of response) await delay(1)
    })()
    rest.catch(() => undefined)
    await server.close()
    running.splice(running.indexOf(server), 1)
    await untilTrue(() => store.running === 0)
  })
})
