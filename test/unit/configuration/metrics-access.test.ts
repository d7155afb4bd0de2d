import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConfigurationFile, openConfiguration } from '../../../electron/node/configuration.ts'
import { openMetricsAccess } from '../../../electron/node/metrics-access.ts'
import { temporaryFolder } from '../store/store-folder.ts'

describe('access to the metrics', () => {
  let folder: ReturnType<typeof temporaryFolder>
  let configuration: ConfigurationFile
  const file = () => join(folder.path, 'metrics-token')
  const open = () => openMetricsAccess(folder.path, configuration)
  beforeEach(async () => {
    folder = temporaryFolder()
    configuration = await openConfiguration(folder.path)
  })
  afterEach(() => folder.remove())

  it('is by a token in a file for its owner alone, the same at the next start', async () => {
    const access = await open()
    const { token, isOpen } = access.view()
    expect(isOpen).toBe(false)
    expect(readFileSync(file(), 'utf8')).toBe(`${token}\n`)
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    chmodSync(file(), 0o644)
    expect((await open()).view()).toEqual(access.view())
    expect(statSync(file()).mode & 0o777).toBe(0o600)
  })

  it('is for the token alone, as a bearer', async () => {
    const access = await open()
    const { token } = access.view()
    expect(access.admits(`Bearer ${token}`)).toBe(true)
    const others = [
      undefined,
      '',
      token,
      `Basic ${token}`,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      'Bearer ',
    ]
    for (const other of others) expect(access.admits(other)).toBe(false)
  })

  it('ends for the token before when it is replaced, now and at the next start', async () => {
    const access = await open()
    const before = access.view().token
    const { token } = await access.rotate()
    expect(token).not.toBe(before)
    for (const one of [access, await open()]) {
      expect(one.admits(`Bearer ${before}`)).toBe(false)
      expect(one.admits(`Bearer ${token}`)).toBe(true)
    }
  })

  it('never takes for a token what a file happens to hold', async () => {
    for (const text of ['', 'short', 'x'.repeat(10_000), `${'a'.repeat(43)}\nmore`]) {
      writeFileSync(file(), text)
      const { token } = (await open()).view()
      expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
      expect(token).not.toBe('a'.repeat(43))
    }
  })

  it('is opened to the machine, and that is kept', async () => {
    const access = await open()
    await access.setOpen(true)
    expect(access.isOpen()).toBe(true)
    configuration = await openConfiguration(folder.path)
    expect((await open()).isOpen()).toBe(true)
  })
})
