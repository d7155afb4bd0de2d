import type { BrowserWindow, BrowserWindowConstructorOptions, WebContents } from 'electron'
import { BRIDGE_COMMAND_CHANNEL, type DesktopCommand } from '../../shared/desktop-bridge.ts'
import type { Logger } from '../node/ports.ts'
import type { ElectronApi } from './electron-api.ts'

/** Windows beside the first: more is not somebody opening them. */
export const MAX_OTHER_WINDOWS = 16

/** Further windows of the portal. Each has its own place and range; all of them show the one node. */
export class OtherWindows {
  readonly #electron: Pick<ElectronApi, 'BrowserWindow'>
  readonly #logger: Logger
  readonly #windows = new Set<BrowserWindow>()
  #focused: BrowserWindow | null = null

  constructor(electron: Pick<ElectronApi, 'BrowserWindow'>, logger: Logger) {
    this.#electron = electron
    this.#logger = logger
  }

  /** The one that was used last, unless the first window was. */
  get focused(): BrowserWindow | null {
    return this.#focused
  }

  open(options: BrowserWindowConstructorOptions, url: string): void {
    if (this.#windows.size >= MAX_OTHER_WINDOWS) {
      this.#logger.warn({ most: MAX_OTHER_WINDOWS }, 'too many windows: another one was not opened')
      return
    }
    const window = new this.#electron.BrowserWindow(options)
    this.#windows.add(window)
    this.#focused = window
    window.once('ready-to-show', () => window.show())
    window.on('focus', () => {
      this.#focused = window
    })
    window.on('closed', () => {
      this.#windows.delete(window)
      if (this.#focused === window) this.#focused = null
    })
    void window.loadURL(url).catch((error: unknown) => {
      this.#logger.error({ error }, 'a window’s page could not be loaded')
    })
  }

  /** The first window is used again. */
  leave(): void {
    this.#focused = null
  }

  has(contents: WebContents): boolean {
    return [...this.#windows].some((window) => !window.isDestroyed() && window.webContents === contents)
  }

  /** Says something to the one used last; false when that is none of these. */
  send(command: DesktopCommand): boolean {
    if (this.#focused === null || this.#focused.isDestroyed()) return false
    this.#focused.webContents.send(BRIDGE_COMMAND_CHANNEL, command)
    return true
  }
}
