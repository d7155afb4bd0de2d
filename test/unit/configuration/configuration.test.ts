import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONFIGURATION_FILE, openConfiguration } from '../../../electron/node/configuration.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-config-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the configuration file', () => {
  it('begins with the defaults where there is none, and writes nothing by itself', async () => {
    const file = await openConfiguration(folder)
    expect(file.current).toMatchObject({ environment: 'local', subscriptions: [] })
    await expect(readFile(join(folder, CONFIGURATION_FILE))).rejects.toThrow('ENOENT')
  })

  it('is read back as it was written', async () => {
    const file = await openConfiguration(folder)
    await file.update((now) => ({ ...now, subscriptions: [{ streamId: '0xabc/päth', partition: 3 }] }))
    expect((await openConfiguration(folder)).current).toEqual(file.current)
  })

  it('keeps every one of many changes made at once', async () => {
    const file = await openConfiguration(folder)
    const add = (partition: number) =>
      file.update((now) => ({ ...now, subscriptions: [...now.subscriptions, { streamId: 's', partition }] }))
    await Promise.all(Array.from({ length: 20 }, (_, i) => add(i)))
    expect((await openConfiguration(folder)).current.subscriptions).toHaveLength(20)
  })

  it.each([
    ['broken JSON', '{"version":1,', /not valid JSON/],
    ['a wrong value', '{"version":1,"environment":"mars"}', /wrong at environment/],
    ['an unknown key', '{"version":1,"enviroment":"local"}', /enviroment/],
    ['a later version', '{"version":2}', /wrong at version/],
    ['an endless file', `{"version":1,"x":"${'x'.repeat(4 * 1024 * 1024)}"}`, /larger than/],
  ])('refuses %s in words and leaves the file as it is', async (_name, text, sentence) => {
    const path = join(folder, CONFIGURATION_FILE)
    await writeFile(path, text)
    await expect(openConfiguration(folder)).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringMatching(sentence),
    })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('refuses a change that would make the file unreadable', async () => {
    const file = await openConfiguration(folder)
    const broken = file.update((now) => ({ ...now, subscriptions: [{ streamId: '', partition: 0 }] }))
    await expect(broken).rejects.toThrow()
    expect(file.current.subscriptions).toEqual([])
  })
})
