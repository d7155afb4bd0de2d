import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CarReader } from '@ipld/car/reader'
import { beforeEach, describe, expect, it } from 'vitest'
import { addressOf, formatAddress, toCid } from '../../../../electron/node/remote-log/address.ts'
import {
  createBackupNameSystem,
  readBackup,
} from '../../../../electron/node/remote-log/backup/read-backup.ts'
import { writeBackup } from '../../../../electron/node/remote-log/backup/write-backup.ts'
import { LOG_MODES, type LogMode } from '../../../../electron/node/remote-log/publisher/layout.ts'
import { createLogPublisher } from '../../../../electron/node/remote-log/publisher/log-publisher.ts'
import { PUBLISHER_MIGRATIONS } from '../../../../electron/node/remote-log/publisher/published-log.ts'
import { createLogReader } from '../../../../electron/node/remote-log/restore/log-reader.ts'
import { RESTORE_MIGRATIONS } from '../../../../electron/node/remote-log/restore/restored-log.ts'
import { rejectionCode } from '../error-code.ts'
import { createMemoryBackend, type MemoryBackend } from '../memory-backend.ts'
import { createMemoryIngest } from '../memory-ingest.ts'
import { createMemorySource } from '../memory-source.ts'
import { quietLogger } from '../quiet-logger.ts'
import { createTestPublisher } from '../signed-messages.ts'
import { sharedDatabaseHost, temporaryFolder } from '../temporary-folder.ts'

const NAME = 'telemetry'
const COUNT = 60
const author = createTestPublisher()
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

let backend: MemoryBackend
let folder: string
let path: string

beforeEach(async () => {
  backend = createMemoryBackend()
  folder = await temporaryFolder()
  path = join(folder, 'telemetry.car')
})

async function publish(mode: LogMode): Promise<string[]> {
  const source = createMemorySource()
  source.push(...Array.from({ length: COUNT }, (_, at) => author.sign(at)))
  const publisher = await createLogPublisher({
    name: NAME,
    part: author.part,
    settings: { mode, pageSize: 7, embedNewest: 3 },
    source,
    content: backend.content,
    names: backend.names,
    database: await sharedDatabaseHost().open(join(folder, 'published.db'), PUBLISHER_MIGRATIONS),
    clock: { now: () => 0 },
    logger: quietLogger,
  })
  await publisher.publish()
  return source.entries.map(({ raw }) => hex(raw))
}

const backUp = () => writeBackup({ name: NAME, content: backend.content, names: backend.names, path })

describe.each(LOG_MODES)('a backup of a log of mode %s', (mode) => {
  it('holds the whole log in one file, and gives it back', async () => {
    const messages = await publish(mode)
    const figures = await backUp()
    expect(figures.messages).toBe(COUNT)
    const elsewhere = createMemoryBackend()
    const { head, blocks } = await readBackup({ path, content: elsewhere.content })
    expect(blocks).toBe(figures.blocks)
    const store = createMemoryIngest()
    const reader = await createLogReader({
      name: 'backup',
      content: elsewhere.content,
      names: createBackupNameSystem(head, elsewhere.content),
      ingest: store.ingest,
      database: await sharedDatabaseHost().open(join(folder, 'restored.db'), RESTORE_MIGRATIONS),
      clock: { now: () => 0 },
      logger: quietLogger,
    })
    expect(await reader.restore()).toMatchObject({
      isComplete: true,
      restored: { verified: COUNT },
      findings: [],
    })
    expect([...store.stored.keys()].sort()).toEqual(messages.sort())
  })
})

describe('a backup file', () => {
  it('is a CAR file with the head as its root, readable by anybody', async () => {
    await publish('mapped')
    await backUp()
    const car = await CarReader.fromBytes(await readFile(path))
    const head = backend.heads.get(NAME) ?? new Uint8Array(0)
    expect((await car.getRoots()).map(String)).toEqual([formatAddress(addressOf(head))])
    expect(await car.has(toCid(addressOf(head)))).toBe(true)
  })

  it('is not made of a log of which something is missing, and the old one stays', async () => {
    await publish('mapped')
    await backUp()
    const before = await readFile(path)
    backend.blocks.delete([...backend.blocks.keys()][5] ?? '')
    expect(await rejectionCode(backUp())).toBe('content-missing')
    expect(Buffer.compare(await readFile(path), before)).toBe(0)
    expect(await rejectionCode(stat(`${path}.new`))).toBe('ENOENT')
  })

  it('stops when told', async () => {
    await publish('mapped')
    const controller = new AbortController()
    const onProgress = () => controller.abort(new Error('enough'))
    const { content, names } = backend
    await expect(
      writeBackup({ name: NAME, content, names, path, onProgress, signal: controller.signal }),
    ).rejects.toThrow('enough')
    expect(await rejectionCode(stat(path))).toBe('ENOENT')
  })

  it('that is damaged anywhere is refused', async () => {
    await publish('full')
    await backUp()
    const good = await readFile(path)
    // Every byte of header, lengths and addresses of the first blocks, then a byte here and there.
    const places = [
      ...Array.from({ length: 140 }, (_, at) => at),
      ...Array.from({ length: 40 }, (_, at) => 200 + at * 97),
    ]
    for (const at of places.filter((place) => place < good.length)) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 0x41
      await writeFile(path, bad)
      const { content } = createMemoryBackend()
      const code = await readBackup({ path, content }).then(
        // A changed root is another head, which then is not in the file.
        ({ head }) => rejectionCode(content.get(head)),
        (error: { code: string }) => error.code,
      )
      expect(['remote-log-unreadable', 'content-missing'], `byte ${at}`).toContain(code)
    }
  })

  it('that is cut off is refused', async () => {
    await publish('full')
    await backUp()
    const good = await readFile(path)
    for (const length of [0, 1, 30, 58, 59, 62, 100, good.length - 1]) {
      await writeFile(path, good.subarray(0, length))
      const { content } = createMemoryBackend()
      const code = await readBackup({ path, content }).then(
        ({ head }) => rejectionCode(content.get(head)),
        (error: { code: string }) => error.code,
      )
      expect(['remote-log-unreadable', 'content-missing'], `${length} bytes`).toContain(code)
    }
  })

  it('that claims a huge block, a huge header, or a block shorter than its address is refused', async () => {
    await publish('full')
    await backUp()
    const header = (await readFile(path)).subarray(0, 59)
    const cid = toCid(addressOf(Buffer.from('x'))).bytes
    for (const bad of [
      Buffer.concat([header, Buffer.from([0x80, 0x80, 0x80, 0x80, 0x10]), cid]),
      Buffer.concat([header, Buffer.from([5]), cid]),
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3]),
      Buffer.from('0aa16776657273696f6e02', 'hex'),
    ]) {
      await writeFile(path, bad)
      expect(await rejectionCode(readBackup({ path, content: createMemoryBackend().content }))).toBe(
        'remote-log-unreadable',
      )
    }
  })

  it('that is not there is refused with a sentence', async () => {
    expect(await rejectionCode(readBackup({ path, content: backend.content }))).toBe('remote-log-unreadable')
  })
})
