import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type ChainCollectorOptions,
  createChainCollector,
} from '../../../electron/node/telemetry/chain-collector.ts'
import {
  CHAIN_SCHEMA,
  type ChainSample,
  chainSampleSchema,
} from '../../../electron/node/telemetry/chain-schema.ts'
import type { Collector } from '../../../electron/node/telemetry/collector.ts'
import { createQuietLogger } from './quiet-logger.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
})

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/key-that-stays-secret`
}

interface Question {
  id: number
  method: string
  params: unknown[]
}

async function questionOf(request: IncomingMessage): Promise<Question> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return JSON.parse(body) as Question
}

/** An endpoint that answers each method with what the table says; a missing method does not exist. */
async function endpoint(answers: Record<string, unknown>, asked: string[] = []): Promise<string> {
  return listen((request, response) => {
    void questionOf(request).then(({ id, method }) => {
      asked.push(method)
      const answer = answers[method]
      const missing = { error: { code: -32601, message: 'the method does not exist' } }
      response.end(
        JSON.stringify({ jsonrpc: '2.0', id, ...(answer === undefined ? missing : { result: answer }) }),
      )
    })
  })
}

const answering = (reply: (response: ServerResponse) => void): Promise<string> =>
  listen((request, response) => {
    request.resume()
    reply(response)
  })

const block = (over: object = {}) => ({
  number: '0x10',
  timestamp: '0x3e8',
  gasUsed: '0x5208',
  gasLimit: '0x1c9c380',
  baseFeePerGas: '0x3b9aca01',
  transactions: [`0x${'ab'.repeat(32)}`],
  ...over,
})

function chain(rpcUrl: string, options: Partial<ChainCollectorOptions> = {}): Collector<ChainSample> {
  return createChainCollector({
    rpcUrl,
    logger: createQuietLogger(),
    clock: { now: () => 1_002_500 },
    ...options,
  })
}

const everyReadingIsMissing = (reason: string) => ({
  block: { height: null, time: null, gasUsed: null },
  pending: null,
  peers: null,
  latency: null,
  unavailable: { block: reason, pending: reason, peers: reason, latency: reason },
})

describe('the collector of an EVM chain', () => {
  it('tells height, time, gas, pending transactions and peers of the newest block', async () => {
    const url = await endpoint({
      eth_getBlockByNumber: block(),
      txpool_status: { pending: '0x3', queued: '0x1' },
      net_peerCount: '0x19',
      eth_syncing: { startingBlock: '0x1', currentBlock: '0x10', highestBlock: '0x20' },
      web3_clientVersion: `Geth/v1.16.0/${'x'.repeat(200)}`,
    })
    const sample = await chain(url).sample()
    expect(chainSampleSchema.parse(sample)).toEqual(sample)
    expect(sample).toMatchObject({
      block: { height: 16, time: 1_000, age: 2.5, transactions: 1, gasUsed: 21_000, gasLimit: 30_000_000 },
      pending: 3,
      peers: 25,
    })
    expect(sample.block.baseFee).toBe(1.000000001)
    expect(sample.latency).not.toBeNull()
    expect(sample.syncing).toBe(true)
    expect(sample.version).toMatch(/^Geth\/v1\.16\.0\/x{115}$/)
    expect(sample.unavailable).toEqual({ 'block.interval': 'not-yet' })
  })

  it('tells the mean interval over the blocks since the height last changed', async () => {
    const answers = { eth_getBlockByNumber: block(), txpool_status: { pending: 0 }, net_peerCount: '0x0' }
    const collector = chain(await endpoint(answers))
    await collector.sample()
    answers.eth_getBlockByNumber = block({ number: '0x14', timestamp: '0x3f0' })
    expect((await collector.sample()).block.interval).toBe(2)
    expect((await collector.sample()).block.interval).toBe(2)
    answers.eth_getBlockByNumber = block({ number: '0x2', timestamp: '0x3f0' })
    expect((await collector.sample()).block.interval).toBeNull()
  })

  it('counts the block being made where the pool is not told, and does not ask again at once', async () => {
    const asked: string[] = []
    const answers = { eth_getBlockByNumber: block(), eth_getBlockTransactionCountByNumber: '0x7' }
    const collector = chain(await endpoint(answers, asked))
    expect(await collector.sample()).toMatchObject({
      pending: 7,
      peers: null,
      unavailable: { peers: 'not-supported' },
    })
    expect(await collector.sample()).toMatchObject({
      pending: 7,
      peers: null,
      unavailable: { peers: 'not-supported' },
    })
    expect(asked.filter((method) => method === 'txpool_status')).toHaveLength(1)
    expect(asked.filter((method) => method === 'net_peerCount')).toHaveLength(1)
  })

  it('a chain without base fees says so instead of saying zero', async () => {
    const url = await endpoint({
      eth_getBlockByNumber: block({ baseFeePerGas: undefined }),
      txpool_status: { pending: 0 },
    })
    const sample = await chain(url).sample()
    expect(sample.block.baseFee).toBeNull()
    expect(sample.unavailable).toMatchObject({ 'block.baseFee': 'not-supported' })
  })
})

describe('an endpoint that misbehaves', () => {
  it.each([
    ['hangs', 'timeout', () => answering(() => undefined)],
    ['answers HTML', 'not-json', () => answering((to) => to.end('<html>Please log in</html>'))],
    ['answers 503', 'http-error', () => answering((to) => to.writeHead(503).end('{}'))],
    ['answers a list', 'wrong-shape', () => answering((to) => to.end('[1, 2]'))],
    [
      'answers nonsense numbers',
      'wrong-shape',
      () => answering((to) => to.end('{"result": "0xffffffffffffffffff"}')),
    ],
    [
      'answers an error',
      'rpc-error',
      () => answering((to) => to.end('{"error":{"code":-32000,"message":"x"}}')),
    ],
    ['closes the connection', 'unreachable', () => answering((to) => to.destroy())],
  ])('one that %s leaves every reading null with the reason "%s"', async (_what, reason, start) => {
    const sample = await chain(await start(), { deadlineMs: 300 }).sample()
    expect(chainSampleSchema.parse(sample)).toMatchObject(everyReadingIsMissing(reason))
  })

  it('one that redirects is not followed, as its address may hold a key', async () => {
    const elsewhere = await endpoint({
      eth_getBlockByNumber: block(),
      txpool_status: { pending: 1 },
      net_peerCount: '0x1',
    })
    const url = await answering((to) => to.writeHead(307, { location: elsewhere }).end())
    expect(await chain(url).sample()).toMatchObject(everyReadingIsMissing('unreachable'))
  })

  it('one that streams without end is cut off at the bound', async () => {
    let sentBytes = 0
    const url = await answering((to) => {
      const more = (): void => {
        sentBytes += 65_536
        if (to.destroyed || to.closed) return
        to.write(Buffer.alloc(65_536, ' '), () => setImmediate(more))
      }
      more()
    })
    const sample = await chain(url, { maxAnswerBytes: 100_000, deadlineMs: 10_000 }).sample()
    expect(sample).toMatchObject(everyReadingIsMissing('too-large'))
    expect(sentBytes).toBeLessThan(50_000_000)
  })

  it('nobody listening is "unreachable", and no address or key of the endpoint is said anywhere', async () => {
    const url = await endpoint({})
    const [server] = servers.splice(0)
    await new Promise((closed) => server?.close(closed))
    const logger = createQuietLogger()
    const sample = await chain(url, { logger }).sample()
    expect(sample).toMatchObject(everyReadingIsMissing('unreachable'))
    expect(JSON.stringify([sample, logger.lines])).not.toContain('secret')
  })

  it('an address that is not http is refused when the collector is made', () => {
    expect(() => chain('file:///etc/passwd')).toThrow(/not an http or https address/)
    expect(() => chain('nonsense')).toThrow(/not an http or https address/)
  })

  it('whatever JSON comes back, the sample matches its schema and never turns missing into zero', async () => {
    let answer: unknown = null
    const url = await answering((to) => to.end(JSON.stringify({ result: answer })))
    const collector = chain(url)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.jsonValue(),
          fc.constantFrom('0x0', '0x10', '', -1, null).map((number) => block({ number })),
        ),
        async (value) => {
          answer = value
          const sample = chainSampleSchema.parse(await collector.sample())
          const reasons = sample.unavailable ?? {}
          expect(sample.block.height === null).toBe('block' in reasons)
          expect(sample.pending === null).toBe('pending' in reasons)
          expect(sample.peers === null).toBe('peers' in reasons)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('stopping', () => {
  it('ends a sample that is under way', async () => {
    const stop = new AbortController()
    const sampling = chain(await answering(() => undefined), { deadlineMs: 60_000 }).sample(stop.signal)
    stop.abort(new Error('the node stops'))
    await expect(sampling).rejects.toThrow('the node stops')
  })
})

describe('the published schema of the chain', () => {
  it('is JSON Schema 2020-12 with units', () => {
    expect(CHAIN_SCHEMA).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      properties: { pending: { unit: '1' }, block: { properties: { baseFee: { unit: 'gwei' } } } },
    })
  })
})
