import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from '../node/ports.ts'
import type { DesktopSettings } from './desktop-settings.ts'
import type { ElectronApi } from './electron-api.ts'

/** What of electron-updater is used. */
export interface Updater {
  autoDownload: boolean
  autoInstallOnAppQuit: boolean
  updateConfigPath: string | null
  logger: object | null
  checkForUpdates(): Promise<{ isUpdateAvailable: boolean; updateInfo: { version: string } } | null>
  downloadUpdate(): Promise<unknown>
  quitAndInstall(isSilent: boolean, isForceRunAfter: boolean): void
  on(event: 'download-progress', listener: (info: { percent: number }) => void): unknown
}

export interface UpdateOptions {
  electron: Pick<ElectronApi, 'app' | 'dialog'>
  /** Loaded when it is needed, which without a feed is never. */
  loadUpdater: () => Promise<Updater>
  settings: { readonly current: Pick<DesktopSettings, 'updateFeed'> }
  shellDir: string
  /** Shows how much is fetched, 0 to 1; null when nothing is. */
  onProgress: (share: number | null) => void
  logger: Logger
}

export interface Updates {
  /** Asks the feed. Found: asks the user. `isAsked`: the user wants to hear of it in any case. */
  check(isAsked: boolean): Promise<void>
}

const FEED_FILE = 'update-feed.yml'
const DOWNLOAD = 0
const INSTALL = 0

/**
 * Updates from a feed the user has named, and from nowhere else: without one nothing is asked of any server. Each step
 * waits for the user: what is found is not fetched, and what was fetched is not installed, before they agree.
 */
export function setupUpdates(options: UpdateOptions): Updates {
  const { electron, settings, shellDir, onProgress, logger } = options
  const { dialog, app } = electron
  let running: Promise<void> | null = null
  let prepared: Promise<Updater> | null = null

  async function prepare(feed: string): Promise<Updater> {
    const updater = await options.loadUpdater()
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    updater.logger = null
    updater.on('download-progress', ({ percent }) => onProgress(Math.min(1, Math.max(0, percent / 100))))
    const file = join(shellDir, FEED_FILE)
    await mkdir(shellDir, { recursive: true })
    // JSON is YAML; the updater reads where to look, and where to put what it fetches, from a file.
    await writeFile(
      file,
      `${JSON.stringify({ provider: 'generic', url: feed, updaterCacheDirName: 'tidemark-updater' })}\n`,
    )
    updater.updateConfigPath = file
    return updater
  }

  async function tell(message: string, detail: string, type: 'info' | 'error' = 'info'): Promise<void> {
    await dialog.showMessageBox({ type, message, detail, buttons: ['Close'] })
  }

  async function run(feed: string, isAsked: boolean): Promise<void> {
    let step = 'looked for'
    try {
      prepared ??= prepare(feed)
      const updater = await prepared
      const found = await updater.checkForUpdates()
      if (found === null || !found.isUpdateAvailable) {
        if (isAsked)
          await tell('Tidemark is up to date.', `You run ${app.getVersion()}, the newest there is.`)
        return
      }
      const { version } = found.updateInfo
      const wanted = await dialog.showMessageBox({
        type: 'question',
        message: `Tidemark ${version} is there.`,
        detail: `You run ${app.getVersion()}. Fetch the new version now? Nothing is installed before you agree, and the node goes on meanwhile.`,
        buttons: ['Fetch it', 'Later'],
        defaultId: 0,
        cancelId: 1,
      })
      if (wanted.response !== DOWNLOAD) return
      step = 'fetched'
      onProgress(0)
      await updater.downloadUpdate()
      onProgress(null)
      const agreed = await dialog.showMessageBox({
        type: 'question',
        message: `Tidemark ${version} is fetched and checked.`,
        detail: 'Install it now? The node writes what it holds, stops, and is there again in a moment.',
        buttons: ['Restart and install', 'Later'],
        defaultId: 0,
        cancelId: 1,
      })
      step = 'installed'
      if (agreed.response === INSTALL) updater.quitAndInstall(false, true)
    } catch (error) {
      prepared = null
      logger.warn({ error }, 'an update failed')
      const isUnasked = !isAsked && step === 'looked for'
      if (!isUnasked) {
        await tell(
          `The update could not be ${step}.`,
          `${reasonOf(error)} What runs is unchanged. See that ${feed} can be reached, and try again from the Help menu.`,
          'error',
        )
      }
    } finally {
      onProgress(null)
    }
  }

  return {
    async check(isAsked) {
      const feed = settings.current.updateFeed
      if (feed === null) {
        if (isAsked) {
          await tell(
            'Updates are off.',
            `No feed is set, so Tidemark asks no server. To turn them on, name the address of a feed as "updateFeed" in ${join(shellDir, 'settings.json')} and start Tidemark again.`,
          )
        }
        return
      }
      running ??= run(feed, isAsked).finally(() => {
        running = null
      })
      await running
    },
  }
}

/** Its first line, in bounds: feeds answer with whole pages. */
function reasonOf(error: unknown): string {
  const first = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
  return first === '' ? 'The reason is in the log.' : `${first.slice(0, 200).replace(/[.\s]+$/, '')}.`
}
