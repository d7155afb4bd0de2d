import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openJsonFile } from '../../../electron/desktop/json-file.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'

const schema = z.strictObject({ count: z.number(), name: z.string() })
const fallback = { count: 0, name: 'default' }

let folder = ''
let path = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-preferences-'))
  path = join(folder, 'deep', 'file.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const openFile = (at = path, logger = createQuietLogger()) =>
  openJsonFile({ path: at, schema, fallback, logger })

describe('a file of preferences', () => {
  it('begins with the defaults and keeps what is changed over a restart', async () => {
    const file = openFile()
    expect(file.current).toEqual(fallback)
    file.update({ count: 7 })
    expect(file.current).toEqual({ count: 7, name: 'default' })
    await file.flush()
    expect(openFile().current).toEqual({ count: 7, name: 'default' })
    expect(await readdir(join(folder, 'deep'))).toEqual(['file.json'])
  })

  it('ends with the newest of many changes, written in few writes', async () => {
    const file = openFile()
    for (let count = 1; count <= 1_000; count += 1) file.update({ count })
    await file.flush()
    expect(openFile().current.count).toBe(1_000)
    file.update({ name: 'later' })
    await file.flush()
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ count: 1_000, name: 'later' })
  })

  it('that is broken is replaced by the defaults, with a line in the log', async () => {
    const broken = join(folder, 'broken.json')
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json(), fc.constant(' '.repeat(70_000))), async (text) => {
        await writeFile(broken, text)
        const logger = createQuietLogger()
        expect(openFile(broken, logger).current).toEqual(fallback)
        expect(logger.lines).toHaveLength(1)
      }),
      { numRuns: 50 },
    )
  })

  it('that cannot be written leaves the choice in force until the end, and says so in the log', async () => {
    await writeFile(join(folder, 'deep'), 'a file where a folder should be')
    const logger = createQuietLogger()
    const file = openFile(path, logger)
    file.update({ count: 3 })
    await file.flush()
    expect(file.current.count).toBe(3)
    expect(logger.lines.map(({ level }) => level)).toContain('warn')
  })
})
