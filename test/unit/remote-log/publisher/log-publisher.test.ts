import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { addressOf, formatAddress } from '../../../../electron/node/remote-log/address.ts'
import type { Database } from '../../../../electron/node/remote-log/database/database.ts'
import { RemoteLogError } from '../../../../electron/node/remote-log/errors.ts'
import {
  LOG_MODES,
  type LogSettings,
  logSettingsSchema,
} from '../../../../electron/node/remote-log/publisher/layout.ts'
import {
  createLogPublisher,
  type LogPublisher,
  type LogPublisherOptions,
} from '../../../../electron/node/remote-log/publisher/log-publisher.ts'
import { PUBLISHER_MIGRATIONS } from '../../../../electron/node/remote-log/publisher/published-log.ts'
import { decodeHead } from '../../../../electron/node/remote-log/wire/page.ts'
import { rejectionCode } from '../error-code.ts'
import { createMemoryBackend, type MemoryBackend } from '../memory-backend.ts'
import { createMemorySource, type MemorySource } from '../memory-source.ts'
import { quietLogger } from '../quiet-logger.ts'
import { createTestPublisher } from '../signed-messages.ts'
import { sharedDatabaseHost, temporaryFolder } from '../temporary-folder.ts'
import { walkLog } from '../walk-log.ts'

const NAME = 'telemetry'
const author = createTestPublisher()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

let backend: MemoryBackend
let source: MemorySource
let database: Database

const settingsOf = (settings: Partial<LogSettings>) => logSettingsSchema.parse(settings)

function open(
  settings: Partial<LogSettings> = {},
  options: Partial<LogPublisherOptions> = {},
): Promise<LogPublisher> {
  return createLogPublisher({
    name: NAME,
    part: author.part,
    settings: settingsOf(settings),
    source,
    content: backend.content,
    names: backend.names,
    database,
    clock: { now: () => 1_000 },
    logger: quietLogger,
    ...options,
  })
}

const push = (from: number, count: number) =>
  source.push(...Array.from({ length: count }, (_, at) => author.sign(from + at)))
const expected = () => source.entries.map(({ raw }) => hex(raw))

beforeEach(async () => {
  backend = createMemoryBackend()
  source = createMemorySource()
  database = await sharedDatabaseHost().open(
    join(await temporaryFolder(), 'published.db'),
    PUBLISHER_MIGRATIONS,
  )
})

describe.each(LOG_MODES)('publishing in mode %s', (mode) => {
  it('leads the name to every message, in order', async () => {
    push(0, 57)
    const status = await (await open({ mode, pageSize: 10, embedNewest: 3 })).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
    expect(status).toMatchObject({
      messages: 57,
      pendingUploads: 0,
      isCurrent: true,
      head: { publishedAt: 1_000 },
    })
  })

  it('adds what is new and leaves every published page as it is', async () => {
    const publisher = await open({ mode, pageSize: 10, embedNewest: 3 })
    push(0, 25)
    await publisher.publish()
    const before = new Map(backend.blocks)
    for (const count of [1, 9, 30]) {
      push(source.entries.length, count)
      await publisher.publish()
      expect(walkLog(backend, NAME).bodies).toEqual(expected())
    }
    for (const [address, content] of before) expect(backend.blocks.get(address)).toEqual(content)
  })

  it('leaves nothing in the content store that the name does not lead to', async () => {
    const publisher = await open({ mode, pageSize: 10, embedNewest: 3 })
    for (let round = 0; round < 5; round += 1) {
      push(source.entries.length, 13)
      await publisher.publish()
    }
    expect(
      [...backend.blocks.keys()].filter((address) => !walkLog(backend, NAME).reached.has(address)),
    ).toEqual([])
  })

  it('names a message once that the source hands out twice', async () => {
    push(0, 5)
    push(0, 5)
    await (await open({ mode })).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected().slice(0, 5))
  })

  it('goes on after a restart', async () => {
    push(0, 12)
    await (await open({ mode, pageSize: 5 })).publish()
    push(12, 12)
    await (await open({ mode, pageSize: 5 })).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })
})

describe('a log publisher', () => {
  it('publishes nothing when there is nothing', async () => {
    expect(await (await open()).publish()).toMatchObject({ messages: 0, isCurrent: true, head: null })
    expect(backend.heads.size).toBe(0)
  })

  it('updates the name only when there are news', async () => {
    let updates = 0
    const names = {
      ...backend.names,
      update: async (...call: Parameters<typeof backend.names.update>) => {
        updates += 1
        await backend.names.update(...call)
      },
    }
    push(0, 3)
    const publisher = await open({}, { names })
    await publisher.publish()
    await publisher.publish()
    expect(updates).toBe(1)
  })

  it('publishes more than one batch with a whole log after each', async () => {
    const seen: number[] = []
    const names = {
      ...backend.names,
      update: async (name: string, head: Uint8Array) => {
        await backend.names.update(name, head)
        const { bodies } = walkLog(backend, NAME)
        expect(bodies).toEqual(expected().slice(0, bodies.length))
        seen.push(bodies.length)
      },
    }
    push(0, 2_500)
    await (await open({ mode: 'mapped' }, { names })).publish()
    expect(seen).toEqual([1_024, 2_048, 2_500])
  })

  it('may change its mode while it grows', async () => {
    for (const [at, mode] of [...LOG_MODES, ...LOG_MODES].entries()) {
      push(source.entries.length, 11)
      await (await open({ mode, pageSize: 4 + at, embedNewest: 3 })).publish()
      expect(walkLog(backend, NAME).bodies).toEqual(expected())
    }
  })

  it('names the content store by multiaddr, and says so when that changes', async () => {
    push(0, 3)
    backend.multiaddrs.push('/ip4/127.0.0.1/tcp/4001')
    const publisher = await open()
    await publisher.publish()
    expect(decodeHead(backend.heads.get(NAME) ?? new Uint8Array(0)).cas).toEqual(['/ip4/127.0.0.1/tcp/4001'])
    backend.multiaddrs[0] = '/ip4/127.0.0.1/tcp/4002'
    await publisher.publish()
    expect(decodeHead(backend.heads.get(NAME) ?? new Uint8Array(0)).cas).toEqual(['/ip4/127.0.0.1/tcp/4002'])
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })

  it('waits for a keeper that is away for a moment', async () => {
    let failures = 2
    const content = {
      ...backend.content,
      add: async (bytes: Uint8Array) => {
        failures -= 1
        if (failures >= 0) throw new RemoteLogError('store-unreachable', 'away')
        return backend.content.add(bytes)
      },
    }
    push(0, 3)
    await (await open({ mode: 'mapped' }, { content })).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })

  it('keeps what could not be uploaded, and uploads it the next time', async () => {
    const refuse = {
      ...backend.content,
      add: async () => Promise.reject(new RemoteLogError('store-refused', 'no')),
    }
    push(0, 3)
    const publisher = await open({ mode: 'mapped' }, { content: refuse })
    expect(await rejectionCode(publisher.publish())).toBe('store-refused')
    expect(await publisher.status()).toMatchObject({
      messages: 3,
      pendingUploads: 3,
      isCurrent: false,
      head: null,
    })
    expect(backend.heads.size).toBe(0)
    // The source may forget what it has handed out: the publisher does not ask for it again.
    const emptied = createMemorySource()
    await (await open({ mode: 'mapped' }, { source: emptied })).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })

  it('refuses a store that names content otherwise', async () => {
    const content = { ...backend.content, add: async () => addressOf(Buffer.from('something else')) }
    push(0, 1)
    expect(await rejectionCode((await open({ mode: 'mapped' }, { content })).publish())).toBe('store-refused')
  })

  it('refuses to overwrite a log that is not its own', async () => {
    const stranger = createTestPublisher('stranger')
    const other = createMemorySource()
    other.push(stranger.sign(1))
    await (await open({}, { source: other, part: stranger.part })).publish()
    const elsewhere = await sharedDatabaseHost().open(
      join(await temporaryFolder(), 'published.db'),
      PUBLISHER_MIGRATIONS,
    )
    push(0, 1)
    expect(await rejectionCode((await open({}, { database: elsewhere })).publish())).toBe('remote-log-taken')
    backend.heads.set(NAME, Buffer.from('of another protocol'))
    expect(await rejectionCode((await open({}, { database: elsewhere })).publish())).toBe('remote-log-taken')
  })

  it('refuses one name for two stream parts of this node', async () => {
    await open()
    expect(await rejectionCode(open({}, { part: 'other#0' }))).toBe('remote-log-taken')
  })

  it('brings a name forward again that fell back or was lost', async () => {
    push(0, 5)
    const publisher = await open()
    await publisher.publish()
    const old = backend.heads.get(NAME) ?? new Uint8Array(0)
    push(5, 5)
    await publisher.publish()
    backend.heads.set(NAME, old)
    await (await open()).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
    backend.heads.delete(NAME)
    await (await open()).publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })

  it('stops when told, and goes on later', async () => {
    push(0, 40)
    const controller = new AbortController()
    const content = {
      ...backend.content,
      add: async (bytes: Uint8Array) => {
        controller.abort(new Error('enough'))
        return backend.content.add(bytes)
      },
    }
    const publisher = await open({ mode: 'linked' }, { content })
    await expect(publisher.publish(controller.signal)).rejects.toThrow('enough')
    await publisher.publish()
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })

  it('carries out calls one after the other', async () => {
    push(0, 30)
    const publisher = await open({ mode: 'mapped', pageSize: 4 })
    await Promise.all([publisher.publish(), publisher.publish(), publisher.publish()])
    expect(walkLog(backend, NAME).bodies).toEqual(expected())
  })

  it('tells how far it is', async () => {
    const pending: number[] = []
    push(0, 30)
    await (
      await open({ mode: 'mapped' }, { onProgress: ({ pendingUploads }) => pending.push(pendingUploads) })
    ).publish()
    expect(pending.at(-1)).toBe(0)
  })

  it('cites the page a message is on', async () => {
    push(0, 25)
    const publisher = await open({ mode: 'mapped', pageSize: 10 })
    await publisher.publish()
    const { pages } = walkLog(backend, NAME)
    const at = (number: number) => source.entries[number - 1] ?? { timestamp: 0, raw: new Uint8Array(0) }
    for (const [number, page] of [
      [1, pages[1]?.tail],
      [10, pages[1]?.tail],
      [11, pages[0]?.tail],
      [20, pages[0]?.tail],
    ] as const) {
      const citation = await publisher.cite(at(number).timestamp, at(number).raw)
      expect(citation).toMatchObject({ name: NAME, number })
      expect(formatAddress(citation?.page ?? new Uint8Array(0))).toBe(
        formatAddress(page ?? new Uint8Array(0)),
      )
    }
    expect(await publisher.cite(at(21).timestamp, at(21).raw)).toMatchObject({ number: 21, page: null })
    expect(await publisher.cite(5, Buffer.from('not part of it'))).toBeNull()
  })
})
