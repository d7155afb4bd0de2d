import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSafeStorageSealer } from '../../../electron/desktop/safe-storage-sealer.ts'
import { KEY_FILE, loadOrCreateNodeKey } from '../../../electron/keys/node-key.ts'
import { FakeElectron } from './fake-electron.ts'

let dataDir = ''
let electron: FakeElectron
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-sealer-'))
  electron = new FakeElectron()
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

describe('the key in the desktop', () => {
  it('goes through the system’s key store and comes back the same', async () => {
    const sealer = await createSafeStorageSealer(electron.api, 'linux')
    const first = await loadOrCreateNodeKey({ dataDir, sealer })
    expect(first).toMatchObject({ protection: 'system-key-store', note: null })
    expect((await loadOrCreateNodeKey({ dataDir, sealer })).reveal()).toBe(first.reveal())
    const secret = Buffer.from(first.reveal().slice(2), 'hex')
    expect(await readFile(join(dataDir, KEY_FILE), 'utf8')).not.toContain(secret.toString('base64'))
  })

  it.each([
    ['no key store', { isAvailable: false, backend: 'unknown' }, 'darwin'],
    ['the pretence of one', { isAvailable: true, backend: 'basic_text' }, 'linux'],
  ] as const)(
    'with %s is protected by its file’s mode, and the note says so',
    async (_what, keyStore, platform) => {
      electron.keyStore = keyStore
      const sealer = await createSafeStorageSealer(electron.api, platform)
      expect(await loadOrCreateNodeKey({ dataDir, sealer })).toMatchObject({
        protection: 'file-mode',
        note: expect.stringContaining('file’s mode alone'),
      })
    },
  )
})
