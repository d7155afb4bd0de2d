import { hash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ApiKeys } from '../../../electron/api/storage-http/api-keys.ts'
import { CONFIGURATION_FILE, openConfiguration } from '../../../electron/node/configuration.ts'
import { createStorageHttpDesk } from '../../../electron/node/storage-http-settings.ts'
import { MAX_API_KEYS, storageHttpInput } from '../../../shared/storage-http.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-http-settings-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the settings of the storage interface', () => {
  it('begin on loopback, open to whoever reaches it', async () => {
    const desk = createStorageHttpDesk(await openConfiguration(folder))
    expect(desk.running).toMatchObject({ host: '127.0.0.1', port: 0, apiKeys: [], requireApiKey: false })
    expect(desk.view().needsRestart).toBe(false)
  })

  it('count from the next start on, and say so', async () => {
    const desk = createStorageHttpDesk(await openConfiguration(folder))
    const { settings } = desk.view()
    expect(await desk.change({ ...settings, port: 8_891 })).toMatchObject({ needsRestart: true })
    const next = createStorageHttpDesk(await openConfiguration(folder))
    expect(next.running.port).toBe(8_891)
    expect(await next.change(settings)).toMatchObject({ settings: { port: 0 } })
  })

  it('keep of a key its digest alone, by which the interface knows it', async () => {
    const desk = createStorageHttpDesk(await openConfiguration(folder))
    const key = await desk.addKey('charts')
    const file = await readFile(join(folder, CONFIGURATION_FILE), 'utf8')
    expect(file).not.toContain(key)
    expect(file).toContain(hash('sha256', key))
    const { apiKeys } = createStorageHttpDesk(await openConfiguration(folder)).running
    expect(new ApiKeys(apiKeys).nameOf(`Bearer ${key}`)).toBe('charts')
    expect(() => new ApiKeys(apiKeys).nameOf(`Bearer ${key}x`)).toThrow('not known')
    expect(await desk.removeKey('charts')).toMatchObject({ apiKeys: [] })
  })

  it('refuse a second key of one name, and more than there may be', async () => {
    const desk = createStorageHttpDesk(await openConfiguration(folder))
    for (let n = 0; n < MAX_API_KEYS; n++) await desk.addKey(`key ${n}`)
    await expect(desk.addKey('one more')).rejects.toMatchObject({ code: 'invalid-input' })
    await desk.removeKey('key 7')
    await expect(desk.addKey('key 8')).rejects.toMatchObject({ code: 'invalid-input' })
  })

  it.each([
    { port: 65_536 },
    { publicUrls: ['ftp://a'] },
    { limits: { maxActive: 0 } },
    { limits: { burst: 1.5 } },
    { host: '' },
  ])('refuse %j', (change) => {
    expect(storageHttpInput.safeParse({ host: '127.0.0.1', port: 0, ...change }).success).toBe(false)
  })
})
