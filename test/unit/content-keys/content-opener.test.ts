import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type ContentOpener,
  type ContentOpenerOptions,
  createContentOpener,
} from '../../../electron/node/content-keys/content-opener.ts'
import type { EncryptedStore, KeySource } from '../../../electron/node/content-keys/ports.ts'
import type { MessageQuery } from '../../../electron/node/ports.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { TidemarkError } from '../../../shared/errors.ts'
import { silentLogger } from '../provenance/fakes.ts'
import { temporaryFolder } from '../store/store-folder.ts'
import { syntheticMessage } from '../store/synthetic-messages.ts'
import { encryptedMessage, type GroupKey, newKey as newKeyNamed, PUBLISHER } from './encrypted-messages.ts'

/** Publishers as a test wants them: there or away, willing or not. */
class Publishers implements KeySource {
  readonly keys = new Map<string, Uint8Array>()
  readonly asked: string[] = []
  permitted = true
  hangs = false
  readonly listeners = new Set<(streamId: string) => void>()

  async maySubscribe(): Promise<boolean> {
    return this.permitted
  }

  async fetchGroupKey(_part: string, _publisher: string, keyId: string): Promise<Uint8Array | null> {
    this.asked.push(keyId)
    if (this.hangs) await new Promise(() => undefined)
    return this.keys.get(keyId) ?? null
  }

  onPermissionChange(listener: (streamId: string) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  has(...keys: GroupKey[]): void {
    for (const { id, data } of keys) this.keys.set(id, data)
  }
}

/** Ids of keys differ among tests, as those of Streamr do everywhere. */
const newKey = (name: string): GroupKey => newKeyNamed(`${name}-${tests}`)

const folder = temporaryFolder()
let store: SqliteStore
let publishers: Publishers
let streamId = ''
let part = ''
let tests = 0
const openers: ContentOpener[] = []

beforeAll(async () => {
  store = await openSqliteStore({ file: `${folder.path}/messages.sqlite`, clock: Date, logger: silentLogger })
})
beforeEach(() => {
  tests += 1
  streamId = `0xabc/secret-${tests}`
  part = `${streamId}#0`
  publishers = new Publishers()
})
afterEach(async () => {
  await Promise.all(openers.splice(0).map((opener) => opener.stop()))
})
afterAll(async () => {
  await store.close()
  folder.remove()
})

/** The store, seen as if it had this test's stream part alone. */
function ownStore(): EncryptedStore & { queries: MessageQuery[] } {
  const queries: MessageQuery[] = []
  return {
    queries,
    query: (query, signal) => {
      queries.push(query)
      return store.query(query, signal)
    },
    contentKeys: async () => ((await store.contentKeys?.()) ?? []).filter((record) => record.part === part),
    openContents: async (keys, opened) => store.openContents?.(keys, opened),
  }
}

async function startOpener(options: Partial<ContentOpenerOptions> = {}): Promise<ContentOpener> {
  const opener = createContentOpener({
    store: ownStore(),
    source: publishers,
    lookIntervalMs: 10,
    retryDelaysMs: [20],
    clock: Date,
    logger: silentLogger,
    ...options,
  })
  openers.push(opener)
  store.onStored((notices) => {
    for (const notice of notices) if (notice.part === part) opener.stored(notice)
  })
  await opener.start()
  return opener
}

const values = async () =>
  Object.fromEntries((await store.fields(part)).map(({ path, lastValue }) => [path, lastValue]))
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 10_000, interval: 20 })
const series = (key: GroupKey, from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) =>
    encryptedMessage(part, { at: (from + n) * 1_000, key, content: { t: from + n } }),
  )

describe('an encrypted stream this node may subscribe to', () => {
  it('is opened as it arrives, asking for each key once', async () => {
    const key = newKey('key')
    publishers.has(key)
    const opener = await startOpener()
    await store.append(series(key, 0, 10))
    await until(async () => expect(await values()).toEqual({ t: 9 }))
    await store.append(series(key, 10, 20))
    await until(async () => expect(await values()).toEqual({ t: 19 }))
    expect(publishers.asked).toEqual([`key-${tests}`])
    expect(opener.missingKeys()).toEqual([])
    expect(opener.find(PUBLISHER, key.id)).toEqual(key.data)
  })

  it('is opened by the keys that are stored, also when the store is away at the start', async () => {
    const key = newKey('key')
    publishers.has(key)
    const before = await startOpener()
    await store.append(series(key, 0, 10))
    await until(async () => expect(await values()).toEqual({ t: 9 }))
    await before.stop()
    publishers.keys.clear()
    const away = ownStore()
    const { contentKeys } = away
    let refusals = 3
    away.contentKeys = async () => {
      if (refusals-- > 0) throw new TidemarkError('database-unreachable', 'It is away.', 'Wait.')
      return contentKeys()
    }
    const opener = await startOpener({ store: away })
    expect(opener.find(PUBLISHER, key.id)).toBeUndefined()
    await until(() => expect(opener.find(PUBLISHER, key.id)).toEqual(key.data))
    expect(publishers.asked).toEqual([key.id])
  })

  it('is opened from its beginning when the key comes late', async () => {
    const key = newKey('key')
    const opener = await startOpener()
    await store.append(series(key, 0, 10))
    await until(() =>
      expect(opener.missingKeys()).toMatchObject([{ id: key.id, publisher: PUBLISHER, part }]),
    )
    await store.append(series(key, 10, 20))
    expect(await values()).toEqual({})
    publishers.has(key)
    await until(async () => expect(await values()).toEqual({ t: 19 }))
    const field = (await store.fields(part))[0]
    const chart = await store.chart({ part, fields: ['t'], from: 0, to: Date.now(), widthPx: 2_000 })
    expect(field?.path).toBe('t')
    expect(JSON.stringify(chart)).toContain(PUBLISHER)
    await until(() => expect(opener.missingKeys()).toEqual([]))
  })

  it('goes on where an earlier run stopped', async () => {
    const key = newKey('key')
    const first = await startOpener()
    await store.append(series(key, 0, 10))
    await until(() => expect(first.missingKeys()).toHaveLength(1))
    await first.stop()
    publishers.has(key)
    const second = await startOpener()
    await until(async () => expect(await values()).toEqual({ t: 9 }))
    await second.stop()
    publishers.keys.clear()
    const third = await startOpener()
    expect(third.find(PUBLISHER, key.id)).toEqual(key.data)
    await store.append(series(key, 10, 12))
    await until(async () => expect(await values()).toEqual({ t: 11 }))
  })

  it('follows a publisher from key to key without asking for each', async () => {
    const [first, second, third] = [newKey('1'), newKey('2'), newKey('3')]
    publishers.has(first)
    await startOpener()
    await store.append([
      encryptedMessage(part, { at: 0, key: first, content: { t: 1 }, nextKey: second }),
      encryptedMessage(part, { at: 1, key: second, content: { t: 2 }, nextKey: third }),
      encryptedMessage(part, { at: 2, key: third, content: { t: 3 } }),
    ])
    await until(async () => expect(await values()).toEqual({ t: 3 }))
    const { points } = await store
      .chart({ part, fields: ['t'], from: 0, to: Date.now(), widthPx: 2_000 })
      .then((window) => ({ points: JSON.stringify(window) }))
    expect(points).toContain('3')
  })

  it('is not read twice for messages that are plain', async () => {
    const reading = ownStore()
    await startOpener({ store: reading })
    for (let at = 0; at < 30; at++) {
      await store.append([syntheticMessage({ streamId, at })])
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(reading.queries.length).toBeLessThan(15)
    expect(reading.queries.every(({ limit }) => limit === 1)).toBe(true)
  })
})

describe('keys that do not come', () => {
  it('are told, asked for again, and asked for at once when the publisher is heard of', async () => {
    const key = newKey('key')
    const opener = await startOpener({ retryDelaysMs: [1_000_000] })
    await store.append(series(key, 0, 1))
    await until(() =>
      expect(opener.missingKeys()).toMatchObject([
        { state: 'waiting', attempts: 1, sentence: expect.stringContaining('did not answer') },
      ]),
    )
    const [before] = opener.missingKeys()
    await store.append(series(key, 1, 2))
    await until(() => expect(opener.missingKeys()[0]?.nextAttemptAt).toBeLessThan(before?.nextAttemptAt ?? 0))
  })

  it('are not asked for where this node may not subscribe, until it may', async () => {
    const key = newKey('key')
    publishers.has(key)
    publishers.permitted = false
    const opener = await startOpener()
    await store.append(series(key, 0, 3))
    await until(() =>
      expect(opener.missingKeys()).toMatchObject([
        { state: 'not-permitted', sentence: expect.stringContaining('encrypted, their signatures verified') },
      ]),
    )
    expect(publishers.asked).toEqual([])
    publishers.permitted = true
    for (const listener of publishers.listeners) listener(streamId)
    await until(async () => expect(await values()).toEqual({ t: 2 }))
  })

  it('do not hold up a stop', async () => {
    publishers.hangs = true
    const opener = await startOpener()
    await store.append(series(newKey('key'), 0, 1))
    await until(() => expect(publishers.asked).toEqual([`key-${tests}`]))
    await opener.stop()
    expect(opener.missingKeys()).toHaveLength(1)
  })

  it('are told when they cannot be asked for', async () => {
    publishers.fetchGroupKey = async () => {
      throw new Error('the network is down')
    }
    const opener = await startOpener()
    await store.append(series(newKey('key'), 0, 1))
    await until(() => expect(opener.missingKeys()[0]?.sentence).toContain('could not be asked for'))
  })
})
