import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { announceRunningNode, findRunningNode } from '../../../electron/host/running-nodes.ts'
import { assertRuntimeIsCurrent } from '../../../electron/host/version.ts'

const NO_SUCH_PROCESS = 2 ** 22 + 7
const entry = { url: 'http://127.0.0.1:1', bearer: 'b'.repeat(43), dataDir: '/data/a', startedAt: 5 }
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-running-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('finding a running node', () => {
  it('finds the node that announced itself, until it takes that back', async () => {
    const forget = await announceRunningNode(folder, { ...entry, pid: process.pid })
    expect(await findRunningNode(folder)).toMatchObject({ pid: process.pid })
    expect(await findRunningNode(folder, '/data/a')).toMatchObject({ pid: process.pid })
    await expect(findRunningNode(folder, '/data/b')).rejects.toMatchObject({ code: 'not-running' })
    await forget()
    await expect(findRunningNode(folder)).rejects.toMatchObject({ code: 'not-running' })
  })

  it.skipIf(process.platform === 'win32')('leaves its secret to its own user alone', async () => {
    await announceRunningNode(folder, { ...entry, pid: process.pid })
    expect((await stat(join(folder, `${process.pid}.json`))).mode & 0o777).toBe(0o600)
  })

  it('passes over dead processes and files that are not what they should be', async () => {
    await announceRunningNode(folder, { ...entry, pid: NO_SUCH_PROCESS })
    await writeFile(join(folder, 'junk.json'), '{"pid":')
    await writeFile(join(folder, 'shape.json'), '{"pid":"1"}')
    await expect(findRunningNode(folder)).rejects.toMatchObject({ code: 'not-running' })
  })
})

describe('the runtime check', () => {
  it('refuses an older Node with a sentence and takes newer ones', () => {
    for (const old of ['20.20.2', '22.11.9'])
      expect(() => assertRuntimeIsCurrent(old)).toThrow(/needs Node 22\.12/)
    for (const good of ['22.12.0', '24.21.0', '30.0.0'])
      expect(() => assertRuntimeIsCurrent(good)).not.toThrow()
  })
})
