import { existsSync, readdirSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { VerifiedMessage } from '../../electron/node/ports.ts'
import { backUp } from '../../electron/node/store/care/backup.ts'
import { restoreBackup } from '../../electron/node/store/care/restore.ts'
import { openSqliteStore, type SqliteStore } from '../../electron/node/store/sqlite-store.ts'
import { collect, view } from '../unit/store/conformance.ts'
import { recordingLogger, temporaryFolder } from '../unit/store/store-folder.ts'
import { chainOf, EPOCH, PART, syntheticMessage } from '../unit/store/synthetic-messages.ts'

const NEVER = new AbortController().signal

describe('care of the store’s file', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let file: string
  const opened: SqliteStore[] = []
  beforeEach(() => {
    folder = temporaryFolder()
    file = join(folder.path, 'messages.sqlite')
  })
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
    folder.remove()
  })

  async function open_(at: string = file): Promise<SqliteStore> {
    const store = await openSqliteStore({ file: at, logger: recordingLogger(), clock: { now: () => EPOCH } })
    opened.push(store)
    return store
  }

  async function close(store: SqliteStore): Promise<void> {
    opened.splice(opened.indexOf(store), 1)
    await store.close()
  }

  async function fill(store: SqliteStore, count: number): Promise<VerifiedMessage[]> {
    const messages = chainOf(count, { content: { text: 'x'.repeat(200), value: 1 } })
    for (let start = 0; start < count; start += 1_000)
      await store.append(messages.slice(start, start + 1_000))
    return messages
  }

  test('a backup made during ingest holds all that was acknowledged before it, and can be restored', async () => {
    const store = await open_()
    const messages = await fill(store, 3_000)
    const target = join(folder.path, 'backup.sqlite')
    let isDone = false
    const backup = store.backup(target).finally(() => {
      isDone = true
    })
    let more = 0
    while (!isDone) {
      await store.append([syntheticMessage({ at: 10_000_000 + more * 1_000, publisher: 2 })])
      more += 1
    }
    await backup
    expect(more).toBeGreaterThan(0)
    await close(store)

    const restored = join(folder.path, 'restored.sqlite')
    expect(await restoreBackup({ backup: target, file: restored, now: EPOCH, signal: NEVER })).toBeNull()
    const copy = await open_(restored)
    const read = await collect(copy.query({ part: PART, to: { timestamp: EPOCH + 5_000_000, sequence: 0 } }))
    expect(read.map(view)).toEqual(messages.map(view))
  })

  test('a backup that is stopped leaves nothing behind', async () => {
    const store = await open_()
    await fill(store, 3_000)
    await close(store)
    const target = join(folder.path, 'backup.sqlite')
    const db = new Database(file)
    let steps = 0
    const backup = backUp(
      db,
      target,
      () => {
        steps += 1
      },
      () => steps > 0,
    )
    await expect(backup).rejects.toMatchObject({ code: 'aborted' })
    expect(steps).toBe(1)
    expect(readdirSync(folder.path).filter((name) => name.startsWith('backup'))).toEqual([])
    db.close()
    const again = await open_()
    const abort = new AbortController()
    abort.abort()
    await expect(again.backup(target, { signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' })
    expect(existsSync(target)).toBe(false)
  })

  test('restoring sets aside what was there, and refuses what is no backup', async () => {
    const store = await open_()
    await fill(store, 10)
    const target = join(folder.path, 'backup.sqlite')
    await store.backup(target)
    await store.append([syntheticMessage({ at: 99_000_000 })])
    await close(store)
    const setAside = await restoreBackup({ backup: target, file, now: EPOCH, signal: NEVER })
    expect(existsSync(setAside ?? '')).toBe(true)
    const restored = await open_()
    expect((await restored.statistics())[0]).toMatchObject({ messages: 10 })
    await close(restored)

    const other = new Database(join(folder.path, 'other.sqlite'))
    other.exec('CREATE TABLE theirs (a)')
    other.close()
    const restoring = restoreBackup({
      backup: join(folder.path, 'other.sqlite'),
      file,
      now: EPOCH,
      signal: NEVER,
    })
    await expect(restoring).rejects.toMatchObject({ code: 'store-damaged' })
    const again = await open_()
    expect((await again.statistics())[0]).toMatchObject({ messages: 10 })
  })

  test('room that dropped messages leave is given back, and is counted until then', async () => {
    const store = await open_()
    await fill(store, 5_000)
    const before = await store.storage()
    expect(before.parts).toEqual([expect.objectContaining({ part: PART, messages: 5_000 })])
    expect(before.parts[0]?.estimatedBytes).toBeGreaterThan(before.parts[0]?.rawBytes ?? 0)
    await store.setRetention(PART, { maxAgeMs: null, maxBytes: 10_000 })
    expect(await store.retention(PART)).toEqual({ maxAgeMs: null, maxBytes: 10_000 })
    const told: { part: string; from: number; to: number }[] = []
    store.onDropped((notice) => told.push(notice))
    const dropped = await store.enforceRetention()
    // Together the notices cover what was there and is no more, and nothing that is.
    expect(told.every(({ part }) => part === PART)).toBe(true)
    expect(Math.min(...told.map(({ from }) => from))).toBe(EPOCH)
    const [left] = await store.statistics()
    const end = Math.max(...told.map(({ to }) => to))
    expect(end).toBeGreaterThan(EPOCH)
    expect(end).toBeLessThanOrEqual(left?.firstTimestamp ?? 0)
    expect(dropped.messages).toBeGreaterThan(4_900)
    expect((await store.statistics())[0]?.dropped).toBe(dropped.messages)
    expect((await store.storage()).freeBytes).toBeGreaterThan(before.fileBytes / 2)
    await store.compact()
    const after = await store.storage()
    expect(after.freeBytes).toBe(0)
    expect((await stat(file)).size).toBe(after.fileBytes)
    expect(after.fileBytes).toBeLessThan(before.fileBytes / 2)
  })

  test('a rebuild goes on beside ingest, tells how far it is, and can be stopped', async () => {
    const store = await open_()
    await fill(store, 3_000)
    const before = await store.timeline(PART, EPOCH, EPOCH + 3_000_000, 500)
    const stages = new Set<string>()
    const rebuild = store.rebuildPyramid({ onProgress: ({ stage }) => stages.add(stage) })
    const late = [
      syntheticMessage({ at: 500, publisher: 3 }),
      syntheticMessage({ at: 2_999_500, publisher: 3 }),
    ]
    await store.append(late)
    await rebuild
    expect([...stages]).toEqual(['chains', 'publishers', 'part'])
    const after = await store.timeline(PART, EPOCH, EPOCH + 3_000_000, 500)
    const count = ({ buckets }: typeof after) => buckets.reduce((sum, bucket) => sum + bucket.count, 0)
    expect(count(after)).toBe(count(before) + 2)
    const abort = new AbortController()
    abort.abort()
    await expect(store.rebuildPyramid({ signal: abort.signal })).rejects.toMatchObject({ code: 'aborted' })
  })

  describe('after a stop without warning', () => {
    /** Leaves the file as a killed process would. */
    function markUnclean(): void {
      const db = new Database(file)
      db.prepare("UPDATE meta SET value = 0 WHERE key = 'clean_shutdown'").run()
      db.close()
    }

    async function settled(store: SqliteStore): Promise<string> {
      while (store.status().integrity === 'checking') await new Promise((resolve) => setTimeout(resolve, 10))
      return store.status().integrity
    }

    test('the file is checked in the background; after a stop in order it is not', async () => {
      const first = await open_()
      await fill(first, 10)
      expect(first.status().integrity).toBe('unchecked')
      await close(first)
      const second = await open_()
      expect(second.status().integrity).toBe('unchecked')
      await close(second)
      markUnclean()
      const third = await open_()
      expect(await settled(third)).toBe('whole')
      expect(third.status().problem).toBeNull()
    })

    test('damage is found, what can be read is moved to a fresh file, and what cannot is named and not served', async () => {
      const store = await open_()
      const messages = await fill(store, 8_000)
      await close(store)
      markUnclean()
      const hidden = await overwriteLeaves(file, 3)

      const damaged = await open_()
      expect(await settled(damaged)).toBe('damaged')
      expect(damaged.status().problem).toMatchObject({ code: 'store-damaged' })
      await close(damaged)

      const mended = await open_()
      const damages = await mended.damages()
      expect(damages.length).toBeGreaterThan(0)
      for (const { part, from, to, setAside } of damages) {
        expect(part).toBe(PART)
        expect(from).toBeLessThanOrEqual(to)
        expect(existsSync(setAside)).toBe(true)
      }
      const read = await collect(mended.query({ part: PART }))
      expect(read.length).toBeLessThan(messages.length)
      expect(read.length).toBeGreaterThan(messages.length - hidden * 40)
      const whole = new Map(messages.map((message) => [message.id.timestamp, JSON.stringify(view(message))]))
      for (const message of read) expect(JSON.stringify(view(message))).toBe(whole.get(message.id.timestamp))
      const isNamed = (timestamp: number) =>
        damages.some(({ from, to }) => from <= timestamp && timestamp <= to)
      const served = new Set(read.map(({ id }) => id.timestamp))
      for (const { id } of messages) if (!served.has(id.timestamp)) expect(isNamed(id.timestamp)).toBe(true)
      expect((await mended.statistics())[0]).toMatchObject({ messages: read.length })
      expect(mended.status().integrity).toBe('unchecked')
    })
  })
})

/** Overwrites leaf pages in the middle of the table of messages. @returns how many */
async function overwriteLeaves(file: string, count: number): Promise<number> {
  const db = new Database(file)
  const pages = db
    .prepare("SELECT pageno FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf' ORDER BY pageno")
    .pluck()
    .all() as number[]
  const pageSize = Number(db.pragma('page_size', { simple: true }))
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.close()
  const chosen = pages
    .filter((_, index) => index % Math.floor(pages.length / (count + 1)) === 1)
    .slice(0, count)
  const handle = await open(file, 'r+')
  for (const page of chosen)
    await handle.write(Buffer.alloc(pageSize, 0xa5), 0, pageSize, (page - 1) * pageSize)
  await handle.close()
  return chosen.length
}
