import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { passwordFile } from '../../../electron/node/postgres/password-file.ts'

/** Turns bytes around, so that what is on disk is not what was given. */
const box = {
  seal: async (secret: Uint8Array) => Uint8Array.from(secret).reverse(),
  open: async (sealed: Uint8Array) => Uint8Array.from(sealed).reverse(),
}

describe('the file with the password of a database', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-password-'))
    path = join(folder, 'database-password.json')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('gives back what was written, sealed on disk and for its owner alone', async () => {
    const file = passwordFile(path, box)
    expect(await file.read()).toBe(null)
    await file.write('geheim "ü"')
    expect(await file.read()).toBe('geheim "ü"')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toContain(Buffer.from('geheim "ü"').toString('base64'))
    await file.write(null)
    expect(await file.read()).toBe(null)
  })

  it('is refused when others can read it', async () => {
    const file = passwordFile(path, box)
    await file.write('secret')
    chmodSync(path, 0o640)
    await expect(file.read()).rejects.toMatchObject({ code: 'key-exposed' })
  })

  it('says nothing of what is in it when it is damaged', async () => {
    writeFileSync(path, '{"password": "hunter2"', { mode: 0o600 })
    const error = await passwordFile(path, box)
      .read()
      .catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'key-damaged' })
    expect(JSON.stringify([error, String(error), (error as Error).cause])).not.toContain('hunter2')
  })

  it('says so when the key store that sealed it is not there', async () => {
    await passwordFile(path, box).write('secret')
    const other = { ...box, open: () => Promise.reject(new Error('no key store')) }
    await expect(passwordFile(path, other).read()).rejects.toMatchObject({ code: 'key-sealed-elsewhere' })
  })
})
