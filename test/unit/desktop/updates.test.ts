import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { desktopSettingsSchema } from '../../../electron/desktop/desktop-settings.ts'
import { setupUpdates, type Updater } from '../../../electron/desktop/setup-updates.ts'
import { createQuietLogger } from '../telemetry/quiet-logger.ts'
import { FakeElectron } from './fake-electron.ts'

const FEED = 'https://updates.example/tidemark'

class FakeUpdater implements Updater {
  autoDownload = true
  autoInstallOnAppQuit = true
  updateConfigPath: string | null = null
  logger: object | null = {}
  readonly asked: string[] = []
  isThere = true
  failure: Error | null = null
  #listener: ((info: { percent: number }) => void) | undefined

  async checkForUpdates() {
    this.asked.push('check')
    if (this.failure) throw this.failure
    return { isUpdateAvailable: this.isThere, updateInfo: { version: '2.0.0' } }
  }
  async downloadUpdate() {
    this.asked.push('download')
    this.#listener?.({ percent: 40 })
  }
  quitAndInstall() {
    this.asked.push('install')
  }
  on(_event: string, listener: (info: { percent: number }) => void) {
    this.#listener = listener
  }
}

let folder = ''
let electron: FakeElectron
let updater: FakeUpdater
let shares: (number | null)[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-updates-'))
  electron = new FakeElectron()
  updater = new FakeUpdater()
  shares = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const updates = (updateFeed: string | null = FEED) =>
  setupUpdates({
    electron: electron.api,
    loadUpdater: async () => updater,
    settings: { current: { updateFeed } },
    shellDir: folder,
    onProgress: (share) => shares.push(share),
    logger: createQuietLogger(),
  })

describe('updates', () => {
  it('are off without a feed: no updater is loaded, and whoever asks is told how to turn them on', async () => {
    const off = setupUpdates({
      electron: electron.api,
      loadUpdater: () => Promise.reject(new Error('must not be loaded')),
      settings: { current: { updateFeed: null } },
      shellDir: folder,
      onProgress: () => undefined,
      logger: createQuietLogger(),
    })
    await off.check(false)
    expect(electron.questions).toEqual([])
    await off.check(true)
    expect(electron.questions[0]?.message).toBe('Updates are off.')
    expect(electron.questions[0]?.detail).toContain('updateFeed')
  })

  it('are fetched and installed when the user agrees to each', async () => {
    electron.answers.push(0, 0)
    await updates().check(true)
    expect(updater.asked).toEqual(['check', 'download', 'install'])
    expect([updater.autoDownload, updater.autoInstallOnAppQuit]).toEqual([false, false])
    expect(electron.questions.map(({ message }) => message)).toEqual([
      'Tidemark 2.0.0 is there.',
      'Tidemark 2.0.0 is fetched and checked.',
    ])
    expect(shares).toContain(0.4)
    expect(shares.at(-1)).toBeNull()
    expect(JSON.parse(readFileSync(updater.updateConfigPath ?? '', 'utf8'))).toMatchObject({ url: FEED })
  })

  it('are not fetched, and not installed, by a user who says later', async () => {
    await updates().check(true)
    expect(updater.asked).toEqual(['check'])
    electron.answers.push(0, 1)
    await updates().check(true)
    expect(updater.asked).toEqual(['check', 'check', 'download'])
  })

  it('that are not there are told to whoever asked, and to nobody else', async () => {
    updater.isThere = false
    await updates().check(false)
    expect(electron.questions).toEqual([])
    await updates().check(true)
    expect(electron.questions[0]).toMatchObject({ message: 'Tidemark is up to date.' })
  })

  it('that fail are told in words, without the page a server answered with', async () => {
    updater.failure = new Error(`Cannot find latest.yml\n<html>${'x'.repeat(5_000)}`)
    await updates().check(true)
    const [question] = electron.questions
    expect(question).toMatchObject({ type: 'error', message: 'The update could not be looked for.' })
    expect(question?.detail).toContain('Cannot find latest.yml. What runs is unchanged.')
    expect(question?.detail).not.toContain('html')
    await updates().check(false)
    expect(electron.questions).toHaveLength(1)
  })

  it('run one at a time', async () => {
    const one = updates()
    await Promise.all([one.check(true), one.check(true)])
    expect(updater.asked).toEqual(['check'])
  })
})

describe('the settings of the desktop', () => {
  it('of an older version are read, with what is new at its default', () => {
    const old = { startMinimised: true, closeToTray: true, trayExplained: true }
    expect(desktopSettingsSchema.parse(old)).toEqual({ ...old, startAtLogin: false, updateFeed: null })
  })

  it.each(['http://updates.example/', 'file:///x', 'no address', 'javascript:1'])(
    'take no feed from %s',
    (feed) => {
      const settings = { startMinimised: false, closeToTray: true, trayExplained: true, updateFeed: feed }
      expect(desktopSettingsSchema.safeParse(settings).success).toBe(false)
    },
  )
})
