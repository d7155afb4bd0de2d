import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addressOf, formatAddress } from '../../electron/node/remote-log/address.ts'
import { startTwirpServer, type TwirpServer } from '../../electron/node/remote-log/twirp/server.ts'
import {
  encodeMvdsMessage,
  mvdsMessageId,
  wrapStreamMessage,
} from '../../electron/node/remote-log/wire/mvds-message.ts'
import { encodeHead, encodePage, type Pair } from '../../electron/node/remote-log/wire/page.ts'
import type { Keeper } from '../../shared/remote-log.ts'
import { silentLogger } from '../unit/provenance/fakes.ts'
import { createMemoryBackend, type MemoryBackend } from '../unit/remote-log/memory-backend.ts'
import { createTestPublisher } from '../unit/remote-log/signed-messages.ts'
import { type RemoteLogNode, startRemoteLogNode } from './remote-log-node.ts'

const author = createTestPublisher('author')
const WAIT = { timeout: 60_000, interval: 50 }

let root: string
const nodes: RemoteLogNode[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-joined-'))
})

afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
  await rm(root, { recursive: true, force: true })
})

async function startNode(name: string): Promise<RemoteLogNode> {
  const { mkdir } = await import('node:fs/promises')
  const folder = join(root, name)
  await mkdir(folder, { recursive: true })
  const node = await startRemoteLogNode(folder)
  nodes.push(node)
  return node
}

async function stopNode(node: RemoteLogNode): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1)
  await node.stop()
}

const raws = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => author.sign(from + at).raw)

async function store(node: RemoteLogNode, messages: readonly Uint8Array[]): Promise<void> {
  await node.pool.ingestAll(messages.map((bytes) => ({ bytes, source: 'live', receivedAt: Date.now() })))
}

async function count(node: RemoteLogNode): Promise<number> {
  return (await node.store.statistics()).find(({ part }) => part === author.part)?.verdicts.verified ?? 0
}

describe('a published log', () => {
  const settings = { part: author.part, mode: 'mixed', pageSize: 16, embedNewest: 4 } as const
  const keeper: Keeper = { kind: 'embedded' }

  it('is kept up with what is stored, over a restart, and lets its messages be cited', async () => {
    const node = await startNode('author')
    await store(node, raws(0, 20))
    const { name } = await node.remoteLog.publish({ ...settings, keeper })
    const published = async (of: RemoteLogNode) => (await of.remoteLog.list()).published[0]
    await vi.waitFor(
      async () => expect(await published(node)).toMatchObject({ messages: 20, isCurrent: true }),
      WAIT,
    )
    await store(node, raws(20, 40))
    await vi.waitFor(
      async () => expect(await published(node)).toMatchObject({ messages: 40, isCurrent: true }),
      WAIT,
    )
    await stopNode(node)

    const again = await startNode('author')
    await store(again, raws(40, 50))
    await vi.waitFor(
      async () => expect(await published(again)).toMatchObject({ messages: 50, isCurrent: true }),
      WAIT,
    )
    const [first] = await again.store.get((await messageAt(again, 0)).id)
    if (first === undefined) throw new Error('the first message is not there')
    const [citation] = await again.remoteLog.citations(first.id)
    expect(citation).toMatchObject({ name, keeper, number: 1, page: expect.stringMatching(/^bafk/) })
    const page = await again.remoteLog.inspect({ name, keeper }, citation?.page ?? null)
    expect(page.entries.map(({ message }) => message)).toContain(citation?.message)

    const ref = { name, keeper }
    expect(await again.remoteLog.verify(ref, () => undefined)).toMatchObject({
      isComplete: true,
      messages: 50,
      restored: { verified: 50 },
      findings: [],
    })
    const file = join(root, 'log.car')
    await again.remoteLog.backUp(ref, file, () => undefined)
    const reader = await startNode('reader')
    const report = await reader.remoteLog.restoreBackup(file, () => undefined)
    expect(report).toMatchObject({ isComplete: true, restored: { verified: 50 } })
    expect(await count(reader)).toBe(50)
  })

  it('is followed: what is published later is restored without being asked for', async () => {
    const writing = await startNode('author')
    const folder: Keeper = { kind: 'folder', path: join(root, 'author', 'remote-log') }
    await store(writing, raws(0, 10))
    const { name } = await writing.remoteLog.publish({ ...settings, keeper })
    await vi.waitFor(
      async () => expect((await writing.remoteLog.list()).published[0]?.messages).toBe(10),
      WAIT,
    )
    const reading = await startNode('reader')
    await reading.remoteLog.follow({ name, keeper: folder })
    await vi.waitFor(async () => expect(await count(reading)).toBe(10), WAIT)
    await store(writing, raws(10, 15))
    await vi.waitFor(async () => expect(await count(reading)).toBe(15), WAIT)
  })

  async function messageAt(node: RemoteLogNode, index: number) {
    for await (const [message] of node.store.query({ part: author.part, limit: 1 })) {
      if (message !== undefined && index === 0) return message
    }
    throw new Error('nothing is stored')
  }
})

describe('paired nodes', () => {
  it('come to hold the same, both ways, and know each other after a restart', async () => {
    const laptop = await startNode('laptop')
    const server = await startNode('server')
    for (const node of [laptop, server]) node.parts.push(author.part)
    await store(laptop, raws(0, 60))
    await store(server, raws(40, 100))
    const { link, code } = laptop.remoteLog.paired.invite()
    const wrong = link.replace(code, code === '0000-0000' ? '1111-1111' : '0000-0000')
    await expect(server.remoteLog.paired.join({ link: wrong })).rejects.toMatchObject({
      code: 'unauthorised',
    })
    await server.remoteLog.paired.join({ link })
    await expect(server.remoteLog.paired.join({ link })).rejects.toMatchObject({ code: 'unauthorised' })
    await vi.waitFor(async () => expect([await count(laptop), await count(server)]).toEqual([100, 100]), WAIT)
    // What was sent was acknowledged: nothing is on its way any more, and both say so.
    for (const node of [laptop, server]) {
      await vi.waitFor(async () => {
        const { nodes: paired } = await node.remoteLog.paired.view()
        expect(paired).toMatchObject([{ isConnected: true, toSend: 0, toReceive: 0 }])
      }, WAIT)
    }
    await stopNode(server)
    const again = await startNode('server')
    expect((await again.remoteLog.paired.view()).nodes).toHaveLength(1)
  })
})

describe('what a bad log does to the node that restores it', () => {
  let backend: MemoryBackend
  let server: TwirpServer
  let reader: RemoteLogNode
  let keeper: Keeper

  beforeEach(async () => {
    backend = createMemoryBackend()
    server = await startTwirpServer({ ...backend, logger: silentLogger })
    keeper = { kind: 'twirp', url: server.url }
    reader = await startNode('reader')
  })

  afterEach(() => server.close())

  function put(content: Uint8Array) {
    const address = addressOf(content)
    backend.blocks.set(formatAddress(address), content)
    return address
  }

  function pairOf(index: number, change: Partial<Pair> = {}, publisher = author): Pair {
    const { timestamp, raw } = publisher.sign(index)
    const message = wrapStreamMessage(publisher.part, timestamp, raw)
    return {
      localHash: mvdsMessageId(message),
      remoteHash: null,
      data: encodeMvdsMessage(message),
      ...change,
    }
  }

  const lead = (pairs: Pair[], tail: Uint8Array | null = null) =>
    backend.heads.set('log', encodeHead({ pairs, tail, cas: [] }))
  const restore = () => reader.remoteLog.restore({ name: 'log', keeper }, () => undefined)
  const kindsOf = ({ findings }: { findings: { kind: string }[] }) => findings.map(({ kind }) => kind)

  it('a forged message and one by somebody without the right are named, and neither counts', async () => {
    const { streamId, address } = author
    const forger = createTestPublisher('stranger', { streamId, address })
    const intruder = createTestPublisher('stranger', { streamId })
    lead([pairOf(2), pairOf(1, {}, forger), pairOf(0, {}, intruder)])
    const report = await restore()
    expect(kindsOf(report).sort()).toEqual(['message-forged', 'message-unauthorised'])
    expect(report.restored).toMatchObject({ verified: 1, forged: 1, unauthorised: 1 })
    expect(await count(reader)).toBe(1)
  })

  it('a message of another stream does not get in by the log', async () => {
    const stranger = createTestPublisher('stranger')
    lead([pairOf(1), pairOf(0, {}, stranger)])
    const report = await restore()
    expect(kindsOf(report)).toEqual(['message-out-of-place'])
    expect((await reader.store.statistics()).map(({ part }) => part)).toEqual([author.part])
  })

  it('a message named by another id, and one of no protocol at all, are named', async () => {
    lead([
      pairOf(2, { localHash: pairOf(3).localHash }),
      pairOf(1, { data: Buffer.from('nonsense') }),
      pairOf(0),
    ])
    const report = await restore()
    expect(kindsOf(report).sort()).toEqual(['message-id-mismatch', 'message-unreadable'])
    expect(report.restored.verified).toBe(1)
    expect(await count(reader)).toBe(1)
  })

  it('content that does not match its address is not taken', async () => {
    const good = pairOf(0)
    const address = put(good.data ?? new Uint8Array(0))
    backend.blocks.set(formatAddress(address), Buffer.from('another content'))
    lead([{ localHash: good.localHash, remoteHash: address, data: null }])
    const report = await restore()
    expect(kindsOf(report)).toEqual(['message-missing'])
    expect(report.isComplete).toBe(false)
    backend.blocks.set(formatAddress(address), good.data ?? new Uint8Array(0))
    expect(await restore()).toMatchObject({ isComplete: true, restored: { verified: 1 } })
  })

  it('a page that is cut off, or of another protocol, or missing, ends the walk with a word', async () => {
    const page = encodePage({ pairs: [pairOf(0)], tail: null })
    for (const [content, kind] of [
      [page.subarray(0, page.length - 5), 'page-unreadable'],
      [Buffer.from('{"json":true}'), 'page-unreadable'],
      [null, 'page-missing'],
    ] as const) {
      lead([pairOf(1)], content === null ? addressOf(Buffer.from('nowhere')) : put(content))
      expect(kindsOf(await restore())).toContain(kind)
    }
  })

  it('a head that is no page, and a name that leads nowhere, are refused with a remedy', async () => {
    backend.heads.set('log', Buffer.from('not a head'))
    await expect(restore()).rejects.toMatchObject({ code: 'remote-log-unreadable' })
    backend.heads.delete('log')
    await expect(restore()).rejects.toMatchObject({ code: 'remote-log-unreachable' })
    await server.close()
    await expect(restore()).rejects.toMatchObject({ code: 'remote-log-unreachable' })
  })

  it('a name that moves backwards, or to another log, is noticed', async () => {
    lead([pairOf(2), pairOf(1), pairOf(0)])
    await restore()
    lead([pairOf(1), pairOf(0)])
    expect(kindsOf(await restore())).toEqual(['head-went-back'])
    lead([pairOf(9), pairOf(8)])
    expect(kindsOf(await restore())).toEqual(['head-replaced'])
    expect(await count(reader)).toBe(5)
  })

  it('a name that is in use for another log is not taken from it', async () => {
    const authorNode = await startNode('author')
    await store(authorNode, raws(0, 3))
    const { url } = await authorNode.remoteLog.server.change({
      host: '127.0.0.1',
      port: 0,
      allowWriting: true,
    })
    const { writeToken } = authorNode.remoteLog.server.view().settings ?? {}
    await authorNode.remoteLog.publish({ ...PUBLISHING, keeper: { kind: 'embedded' } })
    await vi.waitFor(
      async () => expect((await authorNode.remoteLog.list()).published[0]?.messages).toBe(3),
      WAIT,
    )
    await store(reader, raws(100, 103))
    const to: Keeper = { kind: 'twirp', url: url ?? '' }
    await reader.remoteLog.publish({ ...PUBLISHING, keeper: to, writeToken: writeToken ?? '' })
    await vi.waitFor(
      async () =>
        expect((await reader.remoteLog.list()).published[0]?.problem?.code).toBe('remote-log-taken'),
      WAIT,
    )
  })
})

const PUBLISHING = { part: author.part, name: 'log', mode: 'full', pageSize: 16, embedNewest: 4 } as const
