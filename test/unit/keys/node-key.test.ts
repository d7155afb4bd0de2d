import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KEY_FILE, loadOrCreateNodeKey } from '../../../electron/keys/node-key.ts'
import { createFileModeSealer, type Sealer } from '../../../electron/keys/sealer.ts'

let dataDir = ''
let path = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tidemark-keys-'))
  path = join(dataDir, KEY_FILE)
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const fileMode = createFileModeSealer()

/** Stands for a system's key store: AES-GCM under a key that only this "account" has. */
function keyStore(secret = randomBytes(32)): Sealer {
  return {
    protection: 'system-key-store',
    note: null,
    async seal(key) {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', secret, iv)
      return Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()])
    },
    async open(sealed) {
      const bytes = Buffer.from(sealed)
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
      decipher.setAuthTag(bytes.subarray(-16))
      return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    },
  }
}

describe.each([
  ['the file’s mode', () => fileMode],
  ['a system key store', () => keyStore()],
] as const)('a key kept by %s', (_name, makeSealer) => {
  it('is made at first run and is the same after a restart', async () => {
    const sealer = makeSealer()
    const first = await loadOrCreateNodeKey({ dataDir, sealer })
    const second = await loadOrCreateNodeKey({ dataDir, sealer })
    expect(first).toMatchObject({ created: true, protection: sealer.protection })
    expect(second).toMatchObject({ created: false, protection: sealer.protection })
    expect(second.reveal()).toBe(first.reveal())
  })

  it('lies in one file that only its owner can read, and nothing is left beside it', async () => {
    await loadOrCreateNodeKey({ dataDir: join(dataDir, 'new', 'folder'), sealer: makeSealer() })
    expect(await readdir(join(dataDir, 'new', 'folder'))).toEqual([KEY_FILE])
    const info = await stat(join(dataDir, 'new', 'folder', KEY_FILE))
    if (process.platform !== 'win32') expect(info.mode & 0o777).toBe(0o600)
  })

  it('is one key when several processes make it at once', async () => {
    const sealer = makeSealer()
    const loaded = await Promise.all(
      Array.from({ length: 8 }, () => loadOrCreateNodeKey({ dataDir, sealer })),
    )
    expect(new Set(loaded.map((key) => key.reveal())).size).toBe(1)
    expect(loaded.filter(({ created }) => created)).toHaveLength(1)
    expect(await readdir(dataDir)).toEqual([KEY_FILE])
  })
})

describe('a key in the system’s key store', () => {
  it('is not in the file in any form one could read', async () => {
    const key = await loadOrCreateNodeKey({ dataDir, sealer: keyStore() })
    const text = await readFile(path, 'utf8')
    const secret = Buffer.from(key.reveal().slice(2), 'hex')
    expect(text).not.toContain(secret.toString('hex'))
    expect(text).not.toContain(secret.toString('base64'))
    expect(text).toContain(key.address)
  })

  it('cannot be used without the window, and the refusal says how to go on', async () => {
    await loadOrCreateNodeKey({ dataDir, sealer: keyStore() })
    await expect(loadOrCreateNodeKey({ dataDir, sealer: fileMode })).rejects.toMatchObject({
      code: 'key-sealed-elsewhere',
      remedy: expect.stringContaining('desktop window'),
    })
  })

  it('cannot be opened by another account’s key store, and the file stays', async () => {
    await loadOrCreateNodeKey({ dataDir, sealer: keyStore() })
    const before = await readFile(path, 'utf8')
    await expect(loadOrCreateNodeKey({ dataDir, sealer: keyStore() })).rejects.toMatchObject({
      code: 'key-sealed-elsewhere',
    })
    expect(await readFile(path, 'utf8')).toBe(before)
  })

  it.skipIf(process.platform === 'win32')('needs no file mode: it is sealed', async () => {
    const sealer = keyStore()
    await loadOrCreateNodeKey({ dataDir, sealer })
    await chmod(path, 0o644)
    expect(await loadOrCreateNodeKey({ dataDir, sealer })).toMatchObject({ created: false })
  })
})

describe('a key made without the window', () => {
  it('is used by the window, too, which says how it is protected', async () => {
    const first = await loadOrCreateNodeKey({ dataDir, sealer: fileMode })
    const second = await loadOrCreateNodeKey({ dataDir, sealer: keyStore() })
    expect(second.address).toBe(first.address)
    expect(second).toMatchObject({
      protection: 'file-mode',
      note: expect.stringContaining('file’s mode alone'),
    })
  })

  it.skipIf(process.platform === 'win32').each([0o640, 0o604, 0o660, 0o777])(
    'is refused when its file has the mode %o',
    async (mode) => {
      const key = await loadOrCreateNodeKey({ dataDir, sealer: fileMode })
      await chmod(path, mode)
      const refusal = await loadOrCreateNodeKey({ dataDir, sealer: fileMode }).catch(
        (error: unknown) => error,
      )
      expect(refusal).toMatchObject({ code: 'key-exposed', remedy: expect.stringContaining('chmod 600') })
      expect(String(refusal)).not.toContain(key.reveal().slice(2))
      expect((await stat(path)).mode & 0o777).toBe(mode)
    },
  )

  it.skipIf(process.platform === 'win32')('is not followed through a symbolic link', async () => {
    const elsewhere = join(dataDir, 'elsewhere.json')
    await loadOrCreateNodeKey({ dataDir, sealer: fileMode })
    await writeFile(elsewhere, await readFile(path), { mode: 0o600 })
    await rm(path)
    await symlink(elsewhere, path)
    await expect(loadOrCreateNodeKey({ dataDir, sealer: fileMode })).rejects.toMatchObject({
      code: 'key-damaged',
    })
  })
})

describe('a damaged key file', () => {
  const damagedContents: [string, (good: string) => string][] = [
    ['empty', () => ''],
    ['cut off', (good) => good.slice(0, good.length / 2)],
    ['not JSON', () => 'not json at all'],
    ['of another shape', () => '{"version":1}'],
    ['of a later version', (good) => good.replace('"version": 1', '"version": 2')],
    ['with another address', (good) => good.replace(/0x[0-9a-f]{40}/, `0x${'0'.repeat(40)}`)],
    [
      'with a key out of range',
      (good) => good.replace(/"key": ".*"/, `"key": "${Buffer.alloc(32).toString('base64')}"`),
    ],
    ['far too long', (good) => good + ' '.repeat(100_000)],
  ]

  it.each(damagedContents)('that is %s is refused with a remedy and left as it is', async (_what, damage) => {
    const key = await loadOrCreateNodeKey({ dataDir, sealer: fileMode })
    const broken = damage(await readFile(path, 'utf8'))
    await writeFile(path, broken)
    const refusal = await loadOrCreateNodeKey({ dataDir, sealer: fileMode }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'key-damaged', remedy: expect.stringContaining('backup') })
    expect(await readFile(path, 'utf8')).toBe(broken)
    const sealedText = Buffer.from(key.reveal().slice(2), 'hex').toString('base64')
    for (let error: unknown = refusal; error instanceof Error; error = error.cause) {
      expect(`${error.message} ${error.stack}`).not.toContain(sealedText)
    }
  })

  it('whatever bytes it holds, is never overwritten and never loads as a key', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        await writeFile(path, bytes, { mode: 0o600 })
        await expect(loadOrCreateNodeKey({ dataDir, sealer: fileMode })).rejects.toMatchObject({
          code: 'key-damaged',
        })
        expect(new Uint8Array(await readFile(path))).toEqual(bytes)
      }),
      { numRuns: 60 },
    )
  })

  it.skipIf(process.platform === 'win32')('that is a folder is refused', async () => {
    await mkdir(path)
    await expect(loadOrCreateNodeKey({ dataDir, sealer: fileMode })).rejects.toMatchObject({
      code: 'key-damaged',
    })
  })
})
