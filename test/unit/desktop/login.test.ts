import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { desktopEntry, setStartAtLogin } from '../../../electron/desktop/setup-login.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron } from './fake-electron.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-login-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('starting at login', () => {
  it('is an entry of the desktop’s autostart folder on Linux, and is taken away again', async () => {
    const electron = new FakeElectron()
    const options = {
      electron: electron.api,
      platform: 'linux',
      program: '/opt/My Apps/tidemark',
      autostartDir: join(folder, 'autostart'),
      logger: createQuietLogger(),
    } as const
    await setStartAtLogin(true, options)
    const file = join(folder, 'autostart', 'tidemark.desktop')
    expect(readFileSync(file, 'utf8')).toContain('Exec="/opt/My Apps/tidemark" --hidden\n')
    await setStartAtLogin(false, options)
    expect(existsSync(file)).toBe(false)
    await setStartAtLogin(false, options)
  })

  it.each(['darwin', 'win32'] as const)('is said to the system on %s', async (platform) => {
    const electron = new FakeElectron()
    await setStartAtLogin(true, { electron: electron.api, platform, logger: createQuietLogger() })
    expect(electron.app.loginItems).toEqual([{ openAtLogin: true, args: ['--hidden'] }])
  })

  it('that cannot be set is logged and stops nothing', async () => {
    await writeFile(join(folder, 'in-the-way'), '')
    const logger = createQuietLogger()
    await setStartAtLogin(true, {
      electron: new FakeElectron().api,
      platform: 'linux',
      program: '/x',
      autostartDir: join(folder, 'in-the-way'),
      logger,
    })
    expect(logger.lines).toHaveLength(1)
  })

  it('quotes a program’s path as the specification asks', () => {
    expect(desktopEntry('/a"b$c%d')).toContain('Exec="/a\\\\"b\\\\$c%%d" --hidden')
  })
})
