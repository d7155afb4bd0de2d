import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { openContent, openNextKey } from '../../../electron/node/message/open-content.ts'
import { toMessageRow } from '../../../electron/node/message/row.ts'
import type { ContentKeyRecord } from '../../../electron/node/ports.ts'
import { MAX_UNKNOWN_KEYS } from '../../../electron/node/store/limits.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import { silentLogger } from '../provenance/fakes.ts'
import { temporaryFolder } from '../store/store-folder.ts'
import { EPOCH, encrypt, encryptedMessage, newKey, PUBLISHER } from './encrypted-messages.ts'

const folder = temporaryFolder()
let store: SqliteStore
let parts = 0

beforeAll(async () => {
  store = await openSqliteStore({ file: `${folder.path}/messages.sqlite`, clock: Date, logger: silentLogger })
})
afterAll(async () => {
  await store.close()
  folder.remove()
})

const newPart = () => `0xabc/secret-${++parts}#0`
const record = (part: string, id: string, key: Uint8Array | null): ContentKeyRecord => ({
  publisher: PUBLISHER,
  id,
  part,
  key,
  firstTimestamp: EPOCH,
  lastTimestamp: EPOCH + 10_000,
})

async function lastValues(part: string): Promise<Record<string, unknown>> {
  const fields = await store.fields(part)
  return Object.fromEntries(fields.map(({ path, lastValue }) => [path, lastValue]))
}

/** All values a chart of the whole stretch shows of one field. */
async function charted(part: string, field: string, widthPx = 2_000): Promise<number> {
  const window = await store.chart({ part, fields: [field], from: EPOCH, to: EPOCH + 100_000, widthPx })
  return JSON.stringify(window).length
}

describe('content of encrypted messages in the SQLite store', () => {
  it('shows in fields and charts once its key is known, also for messages stored before', async () => {
    const part = newPart()
    const key = newKey('key-1')
    const messages = Array.from({ length: 50 }, (_, n) =>
      encryptedMessage(part, { at: n * 1_000, key, content: { t: n, door: n % 2 === 0 ? 'open' : 'shut' } }),
    )
    await store.append(messages)
    expect(await store.fields(part)).toEqual([])
    const before = await charted(part, 't')

    const opened = messages.map(({ id }) => ({ part, publisher: PUBLISHER, timestamp: id.timestamp }))
    const notices = await store.openContents?.([record(part, key.id, key.data)], opened)
    expect(notices).toMatchObject([{ part, stored: 0, firstTimestamp: EPOCH, lastTimestamp: EPOCH + 49_000 }])
    expect(await lastValues(part)).toEqual({ t: 49, door: 'shut' })
    expect(await charted(part, 't')).toBeGreaterThan(before)
    expect(await charted(part, 't', 16)).toBeGreaterThan(before)
  })

  it('stays when the pyramid is made anew from messages and keys', async () => {
    const part = newPart()
    const key = newKey('key-2')
    const message = encryptedMessage(part, { at: 0, key, content: { t: 7 } })
    await store.append([message])
    const opened = { part, publisher: PUBLISHER, timestamp: message.id.timestamp }
    await store.openContents?.([record(part, key.id, key.data)], [opened])
    await store.rebuildPyramid({ part })
    expect(await lastValues(part)).toEqual({ t: 7 })
  })

  it('stays hidden with a wrong key, and the message stays as it was', async () => {
    const part = newPart()
    const key = newKey('key-3')
    const message = encryptedMessage(part, { at: 0, key, content: { t: 7 } })
    await store.append([message])
    const opened = { part, publisher: PUBLISHER, timestamp: message.id.timestamp }
    await store.openContents?.([record(part, key.id, newKey('key-3').data)], [opened])
    expect(await store.fields(part)).toEqual([])
    const [stored] = await store.get(message.id)
    expect(Buffer.from(stored?.raw ?? []).equals(message.raw)).toBe(true)
    expect(stored).toMatchObject({ encrypted: true, verdict: 'verified' })
  })

  it('remembers what is waited for, with the span of the messages, and keeps a key that came', async () => {
    const part = newPart()
    const key = newKey('key-4')
    await store.openContents?.([{ ...record(part, key.id, null), firstTimestamp: 50, lastTimestamp: 60 }], [])
    await store.openContents?.(
      [{ ...record(part, key.id, key.data), firstTimestamp: 40, lastTimestamp: 55 }],
      [],
    )
    await store.openContents?.([{ ...record(part, key.id, null), firstTimestamp: 45, lastTimestamp: 90 }], [])
    const known = (await store.contentKeys?.())?.filter((entry) => entry.part === part)
    expect(known).toEqual([
      { publisher: PUBLISHER, id: key.id, part, key: key.data, firstTimestamp: 40, lastTimestamp: 90 },
    ])
  })

  it('waits for a bounded number of keys that a publisher names', async () => {
    const part = newPart()
    const invented = Array.from({ length: MAX_UNKNOWN_KEYS + 50 }, (_, n) =>
      record(part, `invented-${n}`, null),
    )
    await store.openContents?.(invented, [])
    await store.openContents?.([record(part, 'true', newKey('true').data)], [])
    const known = (await store.contentKeys?.())?.filter((entry) => entry.part === part) ?? []
    expect(known.filter(({ key }) => key === null)).toHaveLength(MAX_UNKNOWN_KEYS)
    expect(known.filter(({ key }) => key !== null)).toHaveLength(1)
  })

  it('passes over messages that are not stored', async () => {
    expect(
      await store.openContents?.([], [{ part: 'nobody#0', publisher: PUBLISHER, timestamp: 1 }]),
    ).toEqual([])
  })
})

describe('a row of an encrypted message', () => {
  const key = newKey('row')
  const message = { ...encryptedMessage('s#0', { at: 0, key, content: { t: 1 } }), equivocation: false }

  it('shows hex while the key is not known', () => {
    const row = toMessageRow(message)
    expect(row).toMatchObject({
      encrypted: true,
      contentKind: 'encrypted',
      content: expect.stringMatching(/^[0-9a-f]+$/),
    })
  })

  it('shows the content once it is, and still says that the message is encrypted', () => {
    const findKey = (publisher: string, id: string) =>
      publisher === PUBLISHER && id === key.id ? key.data : undefined
    expect(toMessageRow(message, findKey)).toMatchObject({
      encrypted: true,
      contentKind: 'json',
      content: { t: 1 },
    })
  })
})

describe('opening content', () => {
  it('gives back what was encrypted, and the key a publisher goes over to', () => {
    const [key, next] = [newKey('a'), newKey('b')]
    const message = encryptedMessage('s#0', { at: 0, key, content: { t: 1 }, nextKey: next })
    const { body } = decodeStreamMessage(message.raw)
    if (body.kind !== 'content' || body.newGroupKey === undefined) throw new Error('not what was made')
    expect(Buffer.from(openContent(body.content, key.data) ?? []).toString()).toBe('{"t":1}')
    expect(openNextKey(body.newGroupKey, key.data)).toEqual(next.data)
  })

  it('refuses what cannot be cipher text or key', () => {
    const key = newKey('a')
    expect(openContent(new Uint8Array(15), key.data)).toBeUndefined()
    expect(openContent(new Uint8Array(40), new Uint8Array(31))).toBeUndefined()
    expect(openNextKey({ id: 'b', data: encrypt(new Uint8Array(31), key) }, key.data)).toBeUndefined()
    expect(openContent(encrypt(new Uint8Array(0), key), key.data)).toHaveLength(0)
  })
})
