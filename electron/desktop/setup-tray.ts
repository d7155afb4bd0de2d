import { join } from 'node:path'
import type { MenuItemConstructorOptions, Tray } from 'electron'
import type { NodeStatus } from '../../shared/node-status.ts'
import type { Logger } from '../node/ports.ts'
import type { DesktopSettings } from './desktop-settings.ts'
import type { ElectronApi } from './electron-api.ts'
import type { JsonFile } from './json-file.ts'
import { createRateOfStored, summarise, type TraySummary } from './tray-summary.ts'

const REFRESH_MS = 5_000

export interface TrayOptions {
  electron: Pick<ElectronApi, 'app' | 'Menu' | 'nativeImage' | 'Tray'>
  platform: NodeJS.Platform
  iconsDir: string
  settings: JsonFile<DesktopSettings>
  /** Resolves when the node is up. */
  status: () => Promise<NodeStatus>
  show: () => void
  openAnother: () => void
  setStartAtLogin: (isWanted: boolean) => void
  logger: Logger
  monotonic?: () => number
}

export interface PortalTray {
  /** Says that the node is being stopped; the summary no longer changes. */
  finishing(): void
  destroy(): void
}

/**
 * The icon in the system's tray with a live summary. Answers `null` on desktops without a tray: the window is then
 * the only way in and closing it quits.
 */
export function setupTray(options: TrayOptions): PortalTray | null {
  const { electron, platform, iconsDir, logger } = options
  try {
    const icon = electron.nativeImage.createFromPath(join(iconsDir, iconName(platform)))
    if (icon.isEmpty()) throw new Error('The tray’s icon is missing.')
    if (platform === 'darwin') icon.setTemplateImage(true)
    return new LiveTray(new electron.Tray(icon), options)
  } catch (error) {
    logger.warn({ error }, 'this desktop has no tray; closing the window will quit')
    return null
  }
}

/** macOS takes a template image, which it colours itself; Windows wants an icon of several sizes. */
function iconName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'trayTemplate.png'
  return platform === 'win32' ? 'icon.ico' : 'tray.png'
}

const STARTING: TraySummary = { tooltip: 'Tidemark\nStarting…', lines: ['Starting…'], isAlarming: false }
const FINISHING: TraySummary = {
  tooltip: 'Tidemark\nFinishing: writing what is held to disk…',
  lines: ['Finishing: writing what is held to disk…'],
  isAlarming: false,
}

class LiveTray implements PortalTray {
  readonly #tray: Tray
  readonly #options: TrayOptions
  readonly #rateOf: (stored: number) => number | null
  #shown = ''
  #isFinishing = false
  #timer: NodeJS.Timeout | undefined

  constructor(tray: Tray, options: TrayOptions) {
    this.#tray = tray
    this.#options = options
    this.#rateOf = createRateOfStored(options.monotonic ?? (() => performance.now()))
    tray.on('click', options.show)
    this.#say(STARTING)
    void this.#refresh()
  }

  finishing(): void {
    this.#isFinishing = true
    clearTimeout(this.#timer)
    this.#say(FINISHING)
  }

  destroy(): void {
    this.#isFinishing = true
    clearTimeout(this.#timer)
    this.#tray.destroy()
  }

  /** The next look is planned when this one is done, so that a slow node is not asked twice at once. */
  async #refresh(): Promise<void> {
    try {
      const status = await this.#options.status()
      if (!this.#isFinishing) this.#say(summarise(status, this.#rateOf(status.messages.stored)))
    } catch (error) {
      this.#options.logger.debug({ error }, 'the tray could not learn the node’s status')
    }
    if (!this.#isFinishing) this.#timer = setTimeout(() => void this.#refresh(), REFRESH_MS)
  }

  /** Only on change: on some Linux desktops a new menu closes the one that is open. */
  #say(summary: TraySummary): void {
    const { settings, platform } = this.#options
    const text = JSON.stringify([summary, settings.current])
    if (text === this.#shown) return
    this.#shown = text
    this.#tray.setToolTip(summary.tooltip)
    if (platform === 'darwin') this.#tray.setTitle(summary.isAlarming ? '!' : '')
    this.#tray.setContextMenu(this.#options.electron.Menu.buildFromTemplate(this.#template(summary)))
  }

  #template(summary: TraySummary): MenuItemConstructorOptions[] {
    const { electron, settings, show, openAnother, setStartAtLogin } = this.#options
    const { startMinimised, closeToTray, startAtLogin } = settings.current
    return [
      ...summary.lines.map((label) => ({ label, enabled: false })),
      { type: 'separator' },
      { label: 'Show window', enabled: !this.#isFinishing, click: show },
      { label: 'New window', enabled: !this.#isFinishing, click: openAnother },
      {
        label: 'Start at login',
        type: 'checkbox',
        checked: startAtLogin,
        click: ({ checked }) => {
          settings.update({ startAtLogin: checked })
          setStartAtLogin(checked)
        },
      },
      {
        label: 'Start minimised',
        type: 'checkbox',
        checked: startMinimised,
        click: ({ checked }) => settings.update({ startMinimised: checked }),
      },
      {
        label: 'Keep running when the window is closed',
        type: 'checkbox',
        checked: closeToTray,
        click: ({ checked }) => settings.update({ closeToTray: checked }),
      },
      { type: 'separator' },
      { label: 'Quit Tidemark', enabled: !this.#isFinishing, click: () => electron.app.quit() },
    ]
  }
}
