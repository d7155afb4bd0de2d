import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appRouter } from '../../../electron/api/router.ts'
import { createLicences } from '../../../electron/host/licences.ts'
import type { StorageNode } from '../../../electron/node/storage-node.ts'

const PART = { name: 'ws', version: '8.0.0', licence: 'MIT', source: 'git://example.org/ws.git', text: 0 }

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-licences-'))
  file = join(folder, 'licences.json')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** What a window is answered. */
function api() {
  const licences = createLicences({ file, version: '1.2.3', licence: 'MIT' })
  return appRouter.createCaller({ licences, node: {} as StorageNode }).node
}

describe('what Tidemark says of its licences', () => {
  it('is its own, the parts that are shipped, and their texts', async () => {
    await writeFile(file, JSON.stringify({ parts: [PART], texts: ['Permission is hereby granted'] }))
    const node = api()
    expect(await node.licences()).toEqual({ version: '1.2.3', licence: 'MIT', parts: [PART] })
    expect(await node.licenceText({ text: 0 })).toBe('Permission is hereby granted')
    await expect(node.licenceText({ text: 1 })).rejects.toThrow('There is no such licence text.')
    await expect(node.licenceText({ text: -1 })).rejects.toThrow()
  })

  it('names no parts where no build has listed them', async () => {
    expect(await api().licences()).toEqual({ version: '1.2.3', licence: 'MIT', parts: [] })
  })

  it('is an error and no list when the file is none, and is read again once it is one', async () => {
    await writeFile(file, JSON.stringify({ parts: [{ ...PART, name: 7 }], texts: [] }))
    const node = api()
    await expect(node.licences()).rejects.toThrow(/not a list of licences/)
    await writeFile(file, JSON.stringify({ parts: [], texts: [] }))
    expect((await node.licences()).parts).toEqual([])
  })

  it('does not read a file that cannot be the list', async () => {
    await writeFile(file, Buffer.alloc(16 * 1_048_576 + 1, ' '))
    await expect(api().licences()).rejects.toThrow(/more than 16777216 bytes/)
  })
})
