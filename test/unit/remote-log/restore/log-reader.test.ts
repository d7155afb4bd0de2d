import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { addressOf, formatAddress } from '../../../../electron/node/remote-log/address.ts'
import { MAX_BLOCK_BYTES } from '../../../../electron/node/remote-log/bounds.ts'
import type { Database } from '../../../../electron/node/remote-log/database/database.ts'
import { RemoteLogError } from '../../../../electron/node/remote-log/errors.ts'
import { LOG_MODES, type LogMode } from '../../../../electron/node/remote-log/publisher/layout.ts'
import {
  createLogPublisher,
  type LogPublisher,
} from '../../../../electron/node/remote-log/publisher/log-publisher.ts'
import { PUBLISHER_MIGRATIONS } from '../../../../electron/node/remote-log/publisher/published-log.ts'
import { describeFinding } from '../../../../electron/node/remote-log/restore/finding.ts'
import {
  createLogReader,
  type LogReader,
  type LogReaderOptions,
} from '../../../../electron/node/remote-log/restore/log-reader.ts'
import { RESTORE_MIGRATIONS } from '../../../../electron/node/remote-log/restore/restored-log.ts'
import {
  encodeMvdsMessage,
  mvdsMessageId,
  wrapStreamMessage,
} from '../../../../electron/node/remote-log/wire/mvds-message.ts'
import {
  decodeHead,
  encodeHead,
  encodePage,
  type Pair,
} from '../../../../electron/node/remote-log/wire/page.ts'
import { rejectionCode } from '../error-code.ts'
import { createMemoryBackend, type MemoryBackend } from '../memory-backend.ts'
import { createMemoryIngest, type MemoryIngest } from '../memory-ingest.ts'
import { createMemorySource, type MemorySource } from '../memory-source.ts'
import { quietLogger } from '../quiet-logger.ts'
import { createTestPublisher } from '../signed-messages.ts'
import { sharedDatabaseHost, temporaryFolder } from '../temporary-folder.ts'

const NAME = 'telemetry'
const author = createTestPublisher()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

let backend: MemoryBackend
let source: MemorySource
let store: MemoryIngest
let published: Database
let restored: Database

beforeEach(async () => {
  backend = createMemoryBackend()
  source = createMemorySource()
  store = createMemoryIngest()
  const folder = await temporaryFolder()
  const host = sharedDatabaseHost()
  published = await host.open(join(folder, 'published.db'), PUBLISHER_MIGRATIONS)
  restored = await host.open(join(folder, 'restored.db'), RESTORE_MIGRATIONS)
})

function publisher(mode: LogMode, from: MemorySource = source, database = published): Promise<LogPublisher> {
  return createLogPublisher({
    name: NAME,
    part: author.part,
    settings: { mode, pageSize: 7, embedNewest: 3 },
    source: from,
    content: backend.content,
    names: backend.names,
    database,
    clock: { now: () => 0 },
    logger: quietLogger,
  })
}

function reader(options: Partial<LogReaderOptions> = {}): Promise<LogReader> {
  return createLogReader({
    name: NAME,
    content: backend.content,
    names: backend.names,
    ingest: store.ingest,
    database: restored,
    getTimeoutMs: 1_000,
    clock: { now: () => 0 },
    logger: quietLogger,
    ...options,
  })
}

async function publish(count: number, mode: LogMode = 'mapped'): Promise<void> {
  source.push(...Array.from({ length: count }, (_, at) => author.sign(source.entries.length + at)))
  await (await publisher(mode)).publish()
}

const restore = async (options: Partial<LogReaderOptions> = {}) => (await reader(options)).restore()
const expected = () => source.entries.map(({ raw }) => hex(raw)).sort()
const storedNow = () => [...store.stored.keys()].sort()
const head = () => backend.heads.get(NAME) ?? new Uint8Array(0)
const kinds = (report: { findings: { kind: string }[] }) => report.findings.map(({ kind }) => kind)

/** Pages from the head back, by address. */
function pageAddresses(): string[] {
  const addresses: string[] = []
  for (let { tail } = decodeHead(head()); tail !== null; ) {
    addresses.push(formatAddress(tail))
    tail = decodeHead(backend.blocks.get(formatAddress(tail)) ?? new Uint8Array(0)).tail
  }
  return addresses
}

function pairOf(timestamp: number, raw: Uint8Array, part = author.part): Pair {
  const message = wrapStreamMessage(part, timestamp, raw)
  return { localHash: mvdsMessageId(message), remoteHash: null, data: encodeMvdsMessage(message) }
}

describe.each(LOG_MODES)('restoring a log of mode %s', (mode) => {
  it('brings back every message, verified', async () => {
    await publish(50, mode)
    const report = await restore()
    expect(storedNow()).toEqual(expected())
    expect(report).toMatchObject({
      part: author.part,
      isComplete: true,
      messages: 50,
      restored: { verified: 50, forged: 0, unauthorised: 0, pending: 0, refused: 0 },
      findings: [],
    })
  })

  it('brings back the newest first', async () => {
    await publish(50, mode)
    await restore()
    const order = [...store.stored.keys()]
    expect(order).toEqual(source.entries.map(({ raw }) => hex(raw)).reverse())
  })

  it('says where messages came from', async () => {
    await publish(3, mode)
    await restore()
    expect(new Set([...store.stored.values()].map((message) => message.source))).toEqual(
      new Set([`remote-log:${NAME}`]),
    )
  })

  it('fetches only what is new when the log has grown', async () => {
    await publish(50, mode)
    await restore()
    await publish(9, mode)
    const report = await restore()
    expect(storedNow()).toEqual(expected())
    expect(report).toMatchObject({ restored: { verified: 9 }, duplicates: 0, isComplete: true, findings: [] })
  })

  it('does nothing when nothing is new', async () => {
    await publish(50, mode)
    await restore()
    expect(await restore()).toMatchObject({
      restored: { verified: 0 },
      blocksRead: 0,
      isComplete: true,
      findings: [],
    })
  })

  it('goes on where it was interrupted, wherever that was', async () => {
    await publish(40, mode)
    for (let allowed = 0; ; allowed += 3) {
      let calls = 0
      const ingested = store.stored.size
      const content = {
        ...backend.content,
        get: async (...call: Parameters<typeof backend.content.get>) => {
          calls += 1
          if (calls > allowed) throw new Error('power cut')
          return backend.content.get(...call)
        },
      }
      const outcome = await restore({ content }).then(
        (report) => report,
        (error: Error) => error.message,
      )
      expect(store.stored.size).toBeGreaterThanOrEqual(ingested)
      if (outcome !== 'power cut') {
        expect(outcome).toMatchObject({ isComplete: true, findings: [] })
        break
      }
    }
    expect(storedNow()).toEqual(expected())
  })

  it('fills what an interrupted run has left although the log has grown meanwhile', async () => {
    await publish(40, mode)
    expect(await restore({ maxPages: 2 })).toMatchObject(
      mode === 'mapped' || mode === 'linked' || mode === 'full' || mode === 'mixed'
        ? { isComplete: false }
        : {},
    )
    await publish(40, mode)
    const report = await restore()
    expect(storedNow()).toEqual(expected())
    expect(report.isComplete).toBe(true)
    expect(kinds(report).filter((kind) => kind.startsWith('head'))).toEqual([])
  })

  it('finds the page of each message', async () => {
    await publish(30, mode)
    const log = await reader()
    await log.restore()
    const writer = await publisher(mode)
    for (const { timestamp, raw } of source.entries) {
      const citation = await writer.cite(timestamp, raw)
      const page = await log.locate(citation?.localHash ?? new Uint8Array(0))
      expect(page === null || page === undefined ? page : formatAddress(page)).toBe(
        citation?.page == null ? null : formatAddress(citation.page),
      )
    }
  })
})

describe('a reader of a log', () => {
  it('shows the head before it fetches anything older', async () => {
    await publish(30, 'mixed')
    const steps: number[] = []
    await restore({ onProgress: ({ restored: { verified } }) => steps.push(verified) })
    expect(steps[0]).toBe(decodeHead(head()).pairs.length)
    expect(steps.at(-1)).toBe(30)
  })

  it('does not fetch again what was on the head and is on a page now', async () => {
    await publish(6)
    await restore()
    await publish(3)
    const report = await restore()
    expect(report).toMatchObject({ duplicates: 0, restored: { verified: 3 } })
  })

  it('tells the content store where the log says its content is', async () => {
    backend.multiaddrs.push('/ip4/127.0.0.1/tcp/4001')
    await publish(3)
    const told: string[] = []
    await restore({
      content: { ...backend.content, reachOut: async (multiaddrs) => void told.push(...multiaddrs) },
    })
    expect(told).toEqual(['/ip4/127.0.0.1/tcp/4001'])
  })

  it('lets the store fetch ahead where pages are small, and does without where it cannot', async () => {
    await publish(61, 'linked')
    const asked: string[] = []
    const ahead = (pages: number) => ({
      ...backend.content,
      fetchAhead: async (address: Uint8Array) => {
        asked.push(formatAddress(address))
        return pages
      },
    })
    // 60 pages: the first shows that they are small, then every twentieth is asked from.
    expect(await restore({ content: ahead(20) })).toMatchObject({ isComplete: true, messages: 61 })
    expect(asked).toEqual([1, 21, 41].map((at) => pageAddresses()[at]))
    asked.length = 0
    const elsewhere = await sharedDatabaseHost().open(
      join(await temporaryFolder(), 'b.db'),
      RESTORE_MIGRATIONS,
    )
    expect(await restore({ content: ahead(0), database: elsewhere })).toMatchObject({ isComplete: true })
    expect(asked).toHaveLength(1)
  })

  it('says that a name leads nowhere', async () => {
    expect(await rejectionCode(restore())).toBe('remote-log-unreachable')
  })

  it('says that a name leads to something else', async () => {
    backend.heads.set(NAME, Buffer.from('<html>'))
    expect(await rejectionCode(restore())).toBe('remote-log-unreadable')
  })

  it('stops when told, and has lost nothing', async () => {
    await publish(40)
    const controller = new AbortController()
    const content = {
      ...backend.content,
      get: async (...call: Parameters<typeof backend.content.get>) => {
        if (store.stored.size > 0) controller.abort(new Error('enough'))
        return backend.content.get(...call)
      },
    }
    await expect((await reader({ content })).restore(controller.signal)).rejects.toThrow('enough')
    await restore()
    expect(storedNow()).toEqual(expected())
  })

  it('keeps nothing of what the store could not take', async () => {
    await publish(10)
    await expect(restore({ ingest: async () => Promise.reject(new Error('disk full')) })).rejects.toThrow(
      'disk full',
    )
    expect(await restore()).toMatchObject({ restored: { verified: 10 }, isComplete: true })
  })

  it('stops when its time is up, and goes on the next time', async () => {
    await publish(40)
    let now = 0
    const clock = { now: () => (now += 10) }
    expect((await restore({ clock, maxDurationMs: 35 })).isComplete).toBe(false)
    expect(await restore()).toMatchObject({ isComplete: true, messages: 40 })
  })
})

describe('a content store that fails its readers', () => {
  it('is asked again when it is away for a moment', async () => {
    await publish(20)
    const failed = new Set<string>()
    const content = {
      ...backend.content,
      get: async (address: Uint8Array) => {
        const text = formatAddress(address)
        if (failed.has(text)) return backend.content.get(address)
        failed.add(text)
        throw new RemoteLogError('store-unreachable', 'away')
      },
    }
    expect(await restore({ content })).toMatchObject({
      isComplete: true,
      restored: { verified: 20 },
      findings: [],
    })
  })

  it('that never answers costs its deadline and is told of', async () => {
    await publish(3)
    const content = { ...backend.content, get: () => new Promise<never>(() => undefined) }
    const report = await restore({ content, getTimeoutMs: 20 })
    expect(report).toMatchObject({ isComplete: false, messagesMissing: 3, failed: 3 })
    expect(kinds(report)).toEqual(['message-missing', 'message-missing', 'message-missing'])
  })

  it('that lies is found out, and what it said is not taken', async () => {
    await publish(3)
    const [first] = backend.blocks.keys()
    const content = {
      ...backend.content,
      get: async (address: Uint8Array) =>
        formatAddress(address) === first ? Buffer.from('something else') : backend.content.get(address),
    }
    const report = await restore({ content })
    expect(report).toMatchObject({ isComplete: false, messagesMissing: 1, restored: { verified: 2 } })
    expect(report.findings[0]).toMatchObject({
      kind: 'message-missing',
      reason: expect.stringContaining('another one'),
    })
  })

  it('that lacks some messages gives the others, and the rest when it has them', async () => {
    await publish(30)
    const kept = new Map(backend.blocks)
    const pages = new Set(pageAddresses())
    const messages = [...backend.blocks.keys()].filter((address) => !pages.has(address))
    for (const address of messages.slice(4, 9)) backend.blocks.delete(address)
    const first = await restore()
    expect(first).toMatchObject({ isComplete: false, messagesMissing: 5, restored: { verified: 25 } })
    expect(await restore()).toMatchObject({
      isComplete: false,
      messagesMissing: 5,
      restored: { verified: 0 },
    })
    for (const [address, content] of kept) backend.blocks.set(address, content)
    expect(await restore()).toMatchObject({
      isComplete: true,
      messagesMissing: 0,
      restored: { verified: 5 },
      findings: [],
    })
    expect(storedNow()).toEqual(expected())
  })

  it('that lacks a page leaves what is older for later', async () => {
    await publish(40)
    const [, second = ''] = pageAddresses()
    const page = backend.blocks.get(second) ?? new Uint8Array(0)
    backend.blocks.delete(second)
    const report = await restore()
    expect(report).toMatchObject({ isComplete: false, pagesToRead: 1 })
    expect(report.findings).toMatchObject([{ kind: 'page-missing', page: second }])
    backend.blocks.set(second, page)
    expect(await restore()).toMatchObject({ isComplete: true, findings: [] })
    expect(storedNow()).toEqual(expected())
  })

  it('that hands out a page larger than a block has it not taken', async () => {
    await publish(20)
    const [newest = ''] = pageAddresses()
    const content = {
      ...backend.content,
      get: async (address: Uint8Array) =>
        formatAddress(address) === newest
          ? new Uint8Array(MAX_BLOCK_BYTES + 1)
          : backend.content.get(address),
    }
    const report = await restore({ content })
    expect(report).toMatchObject({ isComplete: false, pagesToRead: 1 })
    expect(report.findings).toMatchObject([{ kind: 'page-missing', page: newest }])
    // It was the store's doing: the log is whole for whoever asks a better one.
    expect(await restore()).toMatchObject({ isComplete: true, findings: [] })
    expect(storedNow()).toEqual(expected())
  })

  it('that is behind the name says so, and gives the rest when it has caught up', async () => {
    await publish(20)
    const before = new Map(backend.blocks)
    await publish(20)
    const now = new Map(backend.blocks)
    for (const address of now.keys()) if (!before.has(address)) backend.blocks.delete(address)
    const report = await restore()
    expect(report.isComplete).toBe(false)
    expect(kinds(report)).toContain('page-missing')
    for (const [address, block] of now) backend.blocks.set(address, block)
    expect(await restore()).toMatchObject({ isComplete: true, findings: [] })
    expect(storedNow()).toEqual(expected())
  })

  it('that is ahead of the name gives what that leads to, and the rest when the name has moved', async () => {
    await publish(20)
    const behind = head()
    await publish(20)
    const ahead = head()
    backend.heads.set(NAME, behind)
    expect(await restore()).toMatchObject({ isComplete: true, restored: { verified: 20 }, findings: [] })
    backend.heads.set(NAME, ahead)
    expect(await restore()).toMatchObject({ isComplete: true, restored: { verified: 20 }, findings: [] })
    expect(storedNow()).toEqual(expected())
  })

  it('that has nothing at all is given up on before every message has cost its tries', async () => {
    await publish(500)
    let calls = 0
    const content = {
      ...backend.content,
      get: async () => {
        calls += 1
        throw new RemoteLogError('store-refused', 'no')
      },
    }
    source.push(...Array.from({ length: 3 }, (_, at) => author.sign(1_000 + at)))
    backend.heads.set(
      NAME,
      encodePage({
        pairs: source.entries.map(({ timestamp, raw }) => ({
          ...pairOf(timestamp, raw),
          remoteHash: addressOf(raw),
          data: null,
        })),
        tail: null,
      }),
    )
    const report = await restore({ content })
    expect(kinds(report)).toContain('gave-up')
    expect(calls).toBeLessThan(503)
    expect(report.isComplete).toBe(false)
  })
})

describe('a log that is not as it should be', () => {
  const showHead = (pairs: Pair[], tail: Uint8Array | null = null) =>
    backend.heads.set(NAME, encodePage({ pairs, tail }))
  const good = author.sign(1)

  it('with an id that does not match its message', async () => {
    showHead([{ ...pairOf(good.timestamp, good.raw), localHash: new Uint8Array(32).fill(1) }])
    const report = await restore()
    expect(kinds(report)).toEqual(['message-id-mismatch'])
    expect(store.stored.size).toBe(0)
  })

  it('with content that is no message', async () => {
    showHead([{ localHash: new Uint8Array(32), remoteHash: null, data: Buffer.from('hello') }])
    expect(kinds(await restore())).toEqual(['message-unreadable'])
  })

  it('with a message wrapped for another group', async () => {
    showHead([pairOf(good.timestamp, good.raw, 'another#0')])
    expect(kinds(await restore())).toEqual(['message-out-of-place'])
  })

  it('with a message of another stream', async () => {
    const stranger = createTestPublisher('stranger')
    const other = stranger.sign(2)
    showHead([pairOf(good.timestamp, good.raw), pairOf(other.timestamp, other.raw, stranger.part)])
    expect(kinds(await restore({ part: author.part }))).toEqual(['message-out-of-place'])
    expect(store.stored.size).toBe(1)
  })

  it('with a message signed by someone else', async () => {
    const forged = Uint8Array.from(good.raw)
    const at = Buffer.from(forged).indexOf('{"at"')
    forged[at + 6] = '9'.charCodeAt(0)
    showHead([pairOf(good.timestamp, forged)])
    const report = await restore()
    expect(kinds(report)).toEqual(['message-forged'])
    expect(report.restored.forged).toBe(1)
  })

  it('with a page of another protocol', async () => {
    const page = await backend.content.add(Buffer.from('not a page'))
    showHead([pairOf(good.timestamp, good.raw)], page)
    const report = await restore()
    expect(kinds(report)).toEqual(['page-unreadable'])
    expect(report.restored.verified).toBe(1)
    // What matches its address stays what it is: it is not asked for again, and not said again.
    expect(await restore()).toMatchObject({ blocksRead: 0, findings: [] })
  })

  it('with a page that is truncated', async () => {
    await publish(20)
    const [newest = ''] = pageAddresses()
    const cut = (backend.blocks.get(newest) ?? new Uint8Array(0)).subarray(0, 50)
    showHead([pairOf(good.timestamp, good.raw)], await backend.content.add(cut))
    expect(kinds(await restore())).toContain('page-unreadable')
  })

  it('with a page that leads back to itself, as only a store that does not check could show it', async () => {
    const message = author.sign(2)
    const self = addressOf(Buffer.from('whatever'))
    const page = encodePage({ pairs: [pairOf(message.timestamp, message.raw)], tail: self })
    showHead([pairOf(good.timestamp, good.raw)], self)
    // Checked, it is content that does not match its address.
    const content = { ...backend.content, get: async () => page }
    expect(kinds(await restore({ content }))).toEqual(['page-missing'])
  })

  it('with page after page that names the same', async () => {
    let tail: Uint8Array | null = null
    for (let count = 0; count < 4_200; count += 1) {
      tail = await backend.content.add(
        encodePage({
          pairs: [pairOf(good.timestamp, good.raw)],
          tail: tail ?? addressOf(Buffer.from('the end')),
        }),
      )
    }
    showHead([pairOf(good.timestamp, good.raw)], tail)
    const report = await restore()
    expect(kinds(report)).toEqual(['log-loops'])
    expect(report).toMatchObject({ isComplete: true, messages: 1 })
  })

  it('with more pages than are read', async () => {
    await publish(60, 'linked')
    const report = await restore({ maxPages: 10 })
    expect(kinds(report)).toEqual(['log-too-long'])
    expect(report.isComplete).toBe(false)
  })

  it('is remembered with its findings, in sentences', async () => {
    showHead([{ localHash: new Uint8Array(32), remoteHash: null, data: Buffer.from('hello') }])
    const log = await reader()
    await log.restore()
    const { findings } = await log.status()
    expect(findings).toHaveLength(1)
    for (const { finding } of findings)
      expect(describeFinding(finding)).toMatch(/^What the head names as message 0{64} is none: /)
  })
})

describe('a name that moves', () => {
  it('backwards is noticed, and forwards again is not held against it', async () => {
    await publish(10)
    const old = head()
    await publish(10)
    const newest = head()
    await restore()
    backend.heads.set(NAME, old)
    const report = await restore()
    expect(kinds(report)).toEqual(['head-went-back'])
    backend.heads.set(NAME, newest)
    expect(kinds(await restore())).toEqual([])
    await publish(5)
    expect(kinds(await restore())).toEqual([])
    expect(storedNow()).toEqual(expected())
  })

  it('backwards is noticed before everything older was read', async () => {
    await publish(30)
    const old = head()
    await publish(60)
    await restore({ maxPages: 2 })
    backend.heads.set(NAME, old)
    const report = await restore()
    expect(kinds(report)).toEqual(['head-went-back'])
    expect(report.isComplete).toBe(true)
    expect(storedNow()).toEqual(expected())
  })

  it('to a log that was continued from an earlier point is noticed', async () => {
    await publish(10)
    const fork = createMemorySource()
    fork.push(...source.entries)
    await publish(12)
    await restore()
    fork.push(...Array.from({ length: 15 }, (_, at) => author.sign(500 + at)))
    const elsewhere = await sharedDatabaseHost().open(
      join(await temporaryFolder(), 'fork.db'),
      PUBLISHER_MIGRATIONS,
    )
    backend.heads.delete(NAME)
    await (await publisher('mapped', fork, elsewhere)).publish()
    const report = await restore()
    expect(kinds(report)).toEqual(['head-forked'])
    expect(describeFinding(report.findings[0] ?? { kind: 'log-loops', page: '' })).toContain(
      'continued from an earlier point',
    )
    // Said once; what the fork brings is read and checked like anything else.
    expect(report.restored.verified).toBe(15)
    expect(kinds(await restore())).toEqual([])
  })

  it('to a log that has nothing in common is noticed', async () => {
    await publish(10)
    await restore()
    const other = createMemorySource()
    other.push(...Array.from({ length: 10 }, (_, at) => author.sign(500 + at)))
    const elsewhere = await sharedDatabaseHost().open(
      join(await temporaryFolder(), 'other.db'),
      PUBLISHER_MIGRATIONS,
    )
    backend.heads.delete(NAME)
    await (await publisher('mapped', other, elsewhere)).publish()
    expect(kinds(await restore())).toEqual(['head-replaced'])
  })

  it('forwards is no fork although a page in between could not be had at first', async () => {
    await publish(10)
    await restore()
    await publish(40)
    const [, second = ''] = pageAddresses()
    const page = backend.blocks.get(second) ?? new Uint8Array(0)
    backend.blocks.delete(second)
    expect(kinds(await restore())).toEqual(['page-missing'])
    expect(kinds(await restore())).toEqual(['page-missing'])
    await publish(3)
    expect(kinds(await restore())).toEqual(['page-missing'])
    backend.blocks.set(second, page)
    expect(kinds(await restore())).toEqual([])
    backend.heads.set(NAME, encodeHead({ ...decodeHead(head()), cas: ['/ip4/127.0.0.1/tcp/1'] }))
    expect(kinds(await restore())).toEqual([])
    expect(storedNow()).toEqual(expected())
  })

  it('forwards is no fork although the author has laid the whole log out anew', async () => {
    await publish(30)
    await restore()
    const again = createMemorySource()
    again.push(...source.entries, author.sign(700))
    const elsewhere = await sharedDatabaseHost().open(
      join(await temporaryFolder(), 'again.db'),
      PUBLISHER_MIGRATIONS,
    )
    backend.heads.delete(NAME)
    await (await publisher('linked', again, elsewhere)).publish()
    expect(kinds(await restore())).toEqual([])
  })
})
