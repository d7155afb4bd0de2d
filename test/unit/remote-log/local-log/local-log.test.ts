import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import type { VerifiedMessage } from '../../../../electron/node/ports.ts'
import { JOURNAL_MIGRATIONS } from '../../../../electron/node/remote-log/local-log/journal-file.ts'
import { createLocalLog, type LocalLog } from '../../../../electron/node/remote-log/local-log/local-log.ts'
import { openSqliteStore, type SqliteStore } from '../../../../electron/node/store/sqlite-store.ts'
import { PART, syntheticMessage } from '../../store/synthetic-messages.ts'
import { quietLogger } from '../quiet-logger.ts'
import { sharedDatabaseHost, temporaryFolder } from '../temporary-folder.ts'

const BOUNDS = { maxEntries: 100, maxBytes: 1_000_000 }
const DAY_MS = 86_400_000

let folder: string
let store: SqliteStore

beforeEach(async () => {
  folder = await temporaryFolder()
  store = await openSqliteStore({ file: join(folder, 'messages.sqlite'), logger: quietLogger, clock: Date })
  onTestFinished(() => store.close())
})

/** A log over the same files, as after a start; `isTold` whether it hears of what is stored. */
async function openLog(isTold = true): Promise<LocalLog> {
  const database = await sharedDatabaseHost().open(join(folder, 'journal.sqlite'), JOURNAL_MIGRATIONS)
  const log = createLocalLog({ store, database })
  const unsubscribe = store.onStored((notices) => {
    if (isTold) for (const notice of notices) log.stored(notice)
  })
  onTestFinished(unsubscribe)
  return log
}

const at = (...times: number[]): VerifiedMessage[] => times.map((time) => syntheticMessage({ at: time }))
const timesOf = (messages: readonly { raw: Uint8Array; position: number }[], known: VerifiedMessage[]) =>
  messages.map(({ raw }) => known.findIndex((message) => Buffer.compare(message.raw, raw) === 0))

describe('the local log of a part', () => {
  it('numbers messages in the order of their storing, not of their time', async () => {
    const log = await openLog()
    const messages = at(5_000, 1_000, 9_000)
    await log.read(PART, 0, BOUNDS)
    for (const message of messages) {
      await store.append([message])
      await log.read(PART, 0, BOUNDS)
    }
    const read = await log.read(PART, 0, BOUNDS)
    expect(read.map(({ position }) => position)).toEqual([1, 2, 3])
    expect(timesOf(read, messages)).toEqual([0, 1, 2])
    expect(timesOf(await log.read(PART, 2, BOUNDS), messages)).toEqual([2])
  })

  it('finds by itself what was stored while it heard nothing', async () => {
    const messages = at(0, 1_000, DAY_MS, DAY_MS + 61_000, 3 * DAY_MS)
    await store.append(messages.slice(0, 2))
    const deaf = await openLog(false)
    expect(await deaf.read(PART, 0, BOUNDS)).toHaveLength(2)
    await store.append(messages.slice(2))
    expect(await deaf.read(PART, 2, BOUNDS)).toEqual([])
    const next = await openLog(false)
    expect(timesOf(await next.read(PART, 2, BOUNDS), messages)).toEqual([2, 3, 4])
  })

  it('has no message twice, however often it looks', async () => {
    const messages = at(0, 10, 20)
    await store.append(messages)
    await (await openLog()).read(PART, 0, BOUNDS)
    await store.append([...messages, ...at(15)])
    const log = await openLog()
    expect(await log.read(PART, 0, BOUNDS)).toHaveLength(4)
    expect(await log.read(PART, 3, BOUNDS)).toHaveLength(1)
  })

  it('takes verified messages only, and pending ones once they are', async () => {
    const log = await openLog()
    const pending = syntheticMessage({ at: 10, verdict: 'pending' })
    const forged = syntheticMessage({ at: 20, verdict: 'forged', salt: 9 })
    const denied = syntheticMessage({ at: 30, verdict: 'unauthorised' })
    await store.append([pending, forged, denied])
    expect(await log.read(PART, 0, BOUNDS)).toEqual([])
    const { id, digest, raw } = pending
    await store.decide([{ id, digest, raw, verdict: 'verified', reason: 'signed-and-permitted' }])
    expect(timesOf(await log.read(PART, 0, BOUNDS), [pending])).toEqual([0])
  })

  it('leaves out what retention has taken and goes on behind it', async () => {
    const messages = at(0, 1_000, 2 * DAY_MS)
    await store.append(messages)
    const log = await openLog()
    await log.read(PART, 0, BOUNDS)
    const keptMs = Date.now() - (messages[1]?.id.timestamp ?? 0) - DAY_MS
    await store.setRetention(PART, { maxAgeMs: keptMs, maxBytes: null })
    await store.enforceRetention()
    const read = await log.read(PART, 0, { ...BOUNDS, maxEntries: 2 })
    expect(timesOf(read, messages)).toEqual([2])
  })

  it('keeps to its bounds, and hands out one message whatever its size', async () => {
    const messages = at(0, 10, 20)
    await store.append(messages)
    const log = await openLog()
    const size = messages[0]?.raw.length ?? 0
    expect(await log.read(PART, 0, { maxEntries: 10, maxBytes: 1 })).toHaveLength(1)
    expect(await log.read(PART, 0, { maxEntries: 10, maxBytes: size + 1 })).toHaveLength(2)
    expect(await log.read(PART, 0, { maxEntries: 2, maxBytes: 1_000_000 })).toHaveLength(2)
  })

  it('reads what lies far apart without reading all that lies between', async () => {
    const log = await openLog()
    const first = at(0)
    await store.append(first)
    await log.read(PART, 0, BOUNDS)
    await store.append(at(...Array.from({ length: 2_000 }, (_, index) => 100 + index)))
    await log.read(PART, 0, BOUNDS)
    const last = at(1_000_000, -1_000)
    await store.append(last)
    const read = await log.read(PART, 2_001, BOUNDS)
    expect(timesOf(read, last).sort()).toEqual([0, 1])
  })
})
