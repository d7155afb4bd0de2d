import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  createGapFiller,
  type GapFiller,
  type GapFillerOptions,
} from '../../../electron/node/gap-fill/gap-filler.ts'
import type { StorageNode } from '../../../electron/node/gap-fill/ports.ts'
import { silentLogger } from '../provenance/fakes.ts'
import { ChainPublisher, type StoringNode, startStoringNode } from './storing-node.ts'

const OWN = `0x${'00'.repeat(20)}`
const OTHER = `0x${'11'.repeat(20)}`
const THIRD = `0x${'22'.repeat(20)}`

let own: StoringNode
let other: StoringNode
/** A stream of its own for each test. */
let streamId = ''
let part = ''
let tests = 0
const fillers: GapFiller[] = []
const servers: Server[] = []

beforeAll(async () => {
  ;[own, other] = await Promise.all([startStoringNode(), startStoringNode()])
})
beforeEach(() => {
  tests += 1
  streamId = `0xabc/oven-${tests}`
  part = `${streamId}#0`
})
afterEach(async () => {
  await Promise.all(fillers.splice(0).map((filler) => filler.stop()))
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})
afterAll(async () => {
  await Promise.all([own.close(), other.close()])
})

/** A registry of storage nodes that a test changes. */
class Directory {
  nodes: StorageNode[]
  readonly listeners = new Set<(streamId: string) => void>()

  constructor(urls: string[] = [other.server.url]) {
    this.nodes = [{ address: OTHER, urls }]
  }

  async storageNodes(): Promise<StorageNode[]> {
    return this.nodes
  }

  onChange(listener: (streamId: string) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  set(...nodes: StorageNode[]): void {
    this.nodes = nodes
    for (const listener of this.listeners) listener(streamId)
  }
}

async function startFiller(
  directory: Directory,
  options: Partial<GapFillerOptions> = {},
): Promise<GapFiller> {
  const filler = createGapFiller({
    nodeAddress: OWN,
    store: own.store,
    directory,
    ingest: own.pool,
    allowPrivateAddresses: true,
    graceMs: 0,
    retryDelaysMs: [20, 20],
    scanIntervalMs: 10,
    silenceDeadlineMs: 300,
    clock: Date,
    logger: silentLogger,
    ...options,
  })
  fillers.push(filler)
  await filler.start()
  return filler
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function framed(bodies: readonly Uint8Array[]): Buffer {
  const pieces = bodies.flatMap((body) => {
    const prefix = Buffer.alloc(4)
    prefix.writeUInt32BE(body.length)
    return [prefix, body]
  })
  return Buffer.concat(pieces)
}

const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 12_000, interval: 20 })
const hex = (messages: Iterable<Uint8Array>) =>
  [...messages].map((bytes) => Buffer.from(bytes).toString('hex'))
const withheld = (messages: Uint8Array[], from: number, to: number) => [
  ...messages.slice(0, from),
  ...messages.slice(to),
]

describe('a gap', () => {
  it('is filled from another storage node, byte for byte, and what came is marked with the node it came from', async () => {
    const messages = await new ChainPublisher(part).publish(30)
    await other.receive(messages)
    await own.receive(withheld(messages, 10, 20))
    expect(await own.store.gaps(part, 10)).toHaveLength(1)
    const filler = await startFiller(new Directory())
    filler.watch(part)
    await until(async () => expect(await own.store.gaps(part, 10)).toEqual([]))
    const stored = await own.stored(part)
    expect(hex(stored.map(({ raw }) => raw))).toEqual(hex(messages))
    expect(stored.map(({ source }) => source)).toEqual(
      messages.map((_, at) => (at >= 10 && at < 20 ? `resend:${OTHER}` : 'live')),
    )
    await until(() => expect(filler.summary()).toEqual({ waiting: 0, givenUp: 0, filled: 1, messages: 10 }))
  })

  it('is found when a message arrives that names an unknown predecessor', async () => {
    const messages = await new ChainPublisher(part).publish(30)
    await other.receive(messages)
    const filler = await startFiller(new Directory())
    await own.receive(messages.slice(0, 10))
    const forget = own.store.onStored((notices) => {
      for (const notice of notices) filler.stored(notice)
    })
    filler.watch(part)
    await own.receive(messages.slice(20))
    await until(async () => expect(await own.stored(part)).toHaveLength(30))
    forget()
  })

  it('is none where a chain was joined in its middle: history from before is not asked for', async () => {
    const messages = await new ChainPublisher(part).publish(30)
    await other.receive(messages)
    const filler = await startFiller(new Directory())
    await own.receive(withheld(messages.slice(10), 5, 8))
    filler.watch(part)
    await until(() => expect(filler.summary()).toMatchObject({ filled: 1, messages: 3 }))
    expect(hex((await own.stored(part)).map(({ raw }) => raw))).toEqual(hex(messages.slice(10)))
  })

  it('of one publisher brings nothing of another', async () => {
    const [ours, theirs] = await Promise.all([
      new ChainPublisher(part, 'a').publish(10),
      new ChainPublisher(part, 'b').publish(10),
    ])
    await other.receive([...ours, ...theirs])
    const filler = await startFiller(new Directory())
    await own.receive(withheld(ours, 3, 6))
    filler.watch(part)
    await until(() => expect(filler.summary()).toMatchObject({ filled: 1, messages: 3 }))
    expect(hex((await own.stored(part)).map(({ raw }) => raw))).toEqual(hex(ours))
  })

  it('is given up in words when no storage node has what is missing, and tried again on request', async () => {
    const messages = await new ChainPublisher(part).publish(10)
    await own.receive(withheld(messages, 4, 6))
    const filler = await startFiller(new Directory())
    filler.watch(part)
    await until(() =>
      expect(filler.gaps(part)).toEqual([
        expect.objectContaining({
          state: 'given-up',
          attempts: 3,
          nextAttemptAt: null,
          sentence: `${OTHER}: It does not have them either.`,
        }),
      ]),
    )
    expect(filler.summary()).toMatchObject({ givenUp: 1, filled: 0 })
    await other.receive(messages)
    filler.retry(part)
    await until(async () => expect(await own.stored(part)).toHaveLength(10))
  })

  it('is told to have nobody to ask, and asked for as soon as a storage node is there', async () => {
    const messages = await new ChainPublisher(part).publish(10)
    await other.receive(messages)
    await own.receive(withheld(messages, 4, 6))
    const directory = new Directory()
    directory.nodes = [{ address: OWN, urls: [own.server.url] }]
    const filler = await startFiller(directory)
    filler.watch(part)
    await until(() =>
      expect(filler.gaps(part)).toMatchObject([
        { state: 'given-up', sentence: 'The stream has no other storage node that could be asked.' },
      ]),
    )
    directory.set({ address: OWN, urls: [own.server.url] }, { address: OTHER, urls: [other.server.url] })
    await until(async () => expect(await own.stored(part)).toHaveLength(10))
  })

  it('is filled although other nodes lie, fail, hang and refuse', async () => {
    const messages = await new ChainPublisher(part).publish(30)
    const foreign = await new ChainPublisher(part, 'foreign').publish(5)
    const forged = messages.map((bytes) => Uint8Array.from(bytes).fill(0, -40, -20))
    await other.receive(messages)
    await own.receive(withheld(messages, 10, 20))
    const hostile: RequestListener[] = [
      (_, response) => response.end(framed(foreign)),
      (_, response) => response.end(framed(forged.slice(10, 20))),
      (_, response) => response.end('this is no answer, is it'),
      (_, response) => response.writeHead(500).end(),
      (_, response) => response.write(framed(messages.slice(10, 12))),
      (_, response) => response.destroy(),
    ]
    const urls = await Promise.all(hostile.map(serve))
    const directory = new Directory()
    directory.nodes.push(...urls.map((url, at) => ({ address: `0x${String(at).repeat(40)}`, urls: [url] })))
    directory.nodes.push({ address: THIRD, urls: ['file:///etc/passwd', ''] })
    const filler = await startFiller(directory)
    filler.watch(part)
    await until(async () => expect(await own.store.gaps(part, 10)).toEqual([]))
    const stored = await own.stored(part)
    expect(hex(stored.map(({ raw }) => raw))).toEqual(hex(messages))
    expect(stored.every(({ verdict }) => verdict === 'verified')).toBe(true)
  })

  it('names what each node did when all of them failed', async () => {
    const messages = await new ChainPublisher(part).publish(10)
    await own.receive(withheld(messages, 4, 6))
    const directory = new Directory()
    const url = await serve((_, response) => response.writeHead(500).end())
    directory.nodes = [
      { address: OTHER, urls: [url] },
      { address: THIRD, urls: [] },
    ]
    const filler = await startFiller(directory)
    filler.watch(part)
    await until(() => expect(filler.gaps(part)[0]?.state).toBe('given-up'))
    const sentence = filler.gaps(part)[0]?.sentence
    expect(sentence).toContain(`${OTHER}: It answered with the HTTP status 500.`)
    expect(sentence).toContain(`${THIRD}: It has no address in the registry.`)
  })

  it.each([
    ['messages of another chain', 'It sent messages that were not asked for.'],
    ['messages of another stretch', 'It sent messages that were not asked for.'],
    ['no messages', 'It sent messages that were not asked for.'],
    ['forged messages', 'It sent forged messages.'],
  ])('is not filled with %s, and the node that sent them is named', async (kind, sentence) => {
    const messages = await new ChainPublisher(part).publish(10)
    const lies = {
      'messages of another chain': await new ChainPublisher(part, 'foreign').publish(6),
      'messages of another stretch': messages.slice(6),
      'no messages': [Buffer.from('no message')],
      'forged messages': messages.slice(4, 6).map((bytes) => Uint8Array.from(bytes).fill(0, -40, -20)),
    }[kind]
    const filler = await startFiller(
      new Directory([await serve((_, response) => response.end(framed(lies ?? [])))]),
    )
    await own.receive(withheld(messages.slice(0, 7), 4, 6))
    filler.watch(part)
    await until(() =>
      expect(filler.gaps(part)).toMatchObject([{ state: 'given-up', sentence: `${OTHER}: ${sentence}` }]),
    )
    expect(hex((await own.stored(part)).map(({ raw }) => raw))).toEqual(
      hex(withheld(messages.slice(0, 7), 4, 6)),
    )
  })

  it('waits for a predecessor that may only be late', async () => {
    const messages = await new ChainPublisher(part).publish(10)
    await other.receive(messages)
    await own.receive(withheld(messages, 4, 6))
    let now = Date.now()
    const filler = await startFiller(new Directory(), { graceMs: 5_000, clock: { now: () => now } })
    filler.watch(part)
    await until(() => expect(filler.gaps(part)).toMatchObject([{ state: 'waiting', attempts: 0 }]))
    await own.receive(messages.slice(4, 6))
    now += 100_000
    await until(() => expect(filler.gaps(part)).toEqual([]))
    expect((await own.stored(part)).every(({ source }) => source === 'live')).toBe(true)
  })

  it('of a part that is not watched any more is left alone', async () => {
    const messages = await new ChainPublisher(part).publish(10)
    await own.receive(withheld(messages, 4, 6))
    const filler = await startFiller(new Directory(), { retryDelaysMs: [60_000] })
    filler.watch(part)
    await until(() => expect(filler.gaps(part)).toHaveLength(1))
    filler.unwatch(part)
    expect(filler.gaps(part)).toEqual([])
    expect(filler.summary()).toMatchObject({ waiting: 0, givenUp: 0 })
  })
})

describe('a node that was down', () => {
  it('asks for what was published meanwhile, also by publishers that are silent since', async () => {
    const publishers = [new ChainPublisher(part, 'a'), new ChainPublisher(part, 'b')]
    const before = (await Promise.all(publishers.map((publisher) => publisher.publish(10)))).flat()
    const meanwhile = (await Promise.all(publishers.map((publisher) => publisher.publish(10)))).flat()
    await other.receive([...before, ...meanwhile])
    await own.receive(before, Date.now() - 60_000)
    expect(await own.store.gaps(part, 10)).toEqual([])
    const filler = await startFiller(new Directory())
    filler.watch(part)
    await until(async () => expect(await own.stored(part)).toHaveLength(40))
  })

  it('asks again when the other node comes back later than itself', async () => {
    const publisher = new ChainPublisher(part)
    const before = await publisher.publish(10)
    const meanwhile = await publisher.publish(10)
    await other.receive([...before, ...meanwhile])
    await own.receive(before, Date.now() - 60_000)
    let isUp = false
    const url = await serve((request, response) => {
      if (!isUp) response.destroy()
      else response.writeHead(200).end()
      void request
    })
    const directory = new Directory()
    directory.nodes = [{ address: OTHER, urls: [url, 'http://127.0.0.1:1'] }]
    const filler = await startFiller(directory, { retryDelaysMs: [50, 50, 50, 50, 50, 50] })
    filler.watch(part)
    await new Promise((resolve) => setTimeout(resolve, 100))
    isUp = true
    directory.nodes = [{ address: OTHER, urls: [other.server.url] }]
    await until(async () => expect(await own.stored(part)).toHaveLength(20))
  })

  it('asks for nothing of a part that is new to it', async () => {
    await other.receive(await new ChainPublisher(part).publish(10))
    const asked: string[] = []
    const directory = new Directory()
    directory.nodes = [
      {
        address: OTHER,
        urls: [
          await serve((request, response) => {
            asked.push(request.url ?? '')
            response.end()
          }),
        ],
      },
    ]
    const filler = await startFiller(directory)
    filler.watch(part)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(asked).toEqual([])
  })
})
