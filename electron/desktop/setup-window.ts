import type { BrowserWindow, BrowserWindowConstructorOptions, WebContents } from 'electron'
import { BRIDGE_COMMAND_CHANNEL, type DesktopCommand } from '../../shared/desktop-bridge.ts'
import type { Logger } from '../node/ports.ts'
import { PORTAL_URL } from './app-origin.ts'
import type { ElectronApi } from './electron-api.ts'
import type { JsonFile } from './json-file.ts'
import { OtherWindows } from './other-windows.ts'
import { MIN_HEIGHT_PX, MIN_WIDTH_PX, placeWindow, type WindowState } from './window-state.ts'

/** Moving and resizing come as floods of events. */
const STATE_DELAY_MS = 400
/** A page that crashes again so soon would crash for ever. */
const RELOAD_PAUSE_MS = 60_000
/** The dark theme's ground: what is seen before the page has drawn. */
const GROUND = '#0E1116'

export interface WindowOptions {
  electron: Pick<ElectronApi, 'BrowserWindow' | 'screen' | 'app'>
  preloadPath: string
  iconPath: string
  state: JsonFile<WindowState>
  /** Asked when the user closes the window: keep it, hidden, or let it go. */
  onClosing: () => 'hide' | 'close'
  logger: Logger
  monotonic?: () => number
}

/** The portal's windows: one that comes and goes with the tray, and others beside it. The node depends on none. */
export interface PortalWindow {
  /** Opens the first one, or brings the one used last to the front. */
  show(): void
  /** Opens another window at a place of the portal. It closes for good, and its state is its own. */
  openAnother(url: string): void
  /** Shows how far something is, 0 to 1, where the system shows such; null when nothing is under way. */
  setProgress(share: number | null): void
  /** Says something to the page used last, as soon as it is loaded. Dropped when there is no window. */
  send(command: DesktopCommand): void
  readonly isPortal: (contents: WebContents) => boolean
  /** Notes where it stands, for the next start. */
  saveState(): void
}

export function setupWindow(options: WindowOptions): PortalWindow {
  return new SinglePortalWindow(options)
}

class SinglePortalWindow implements PortalWindow {
  readonly #options: WindowOptions
  #window: BrowserWindow | undefined
  #isReady = false
  #isLoaded = false
  #waiting: DesktopCommand[] = []
  #crashedAt = Number.NEGATIVE_INFINITY

  readonly #others: OtherWindows

  constructor(options: WindowOptions) {
    this.#options = options
    this.#others = new OtherWindows(options.electron, options.logger)
  }

  show(): void {
    const other = this.#others.focused
    if (other !== null) {
      if (other.isMinimized()) other.restore()
      other.show()
      other.focus()
      return
    }
    const window = this.#getOrCreate()
    if (window.isMinimized()) window.restore()
    // A window that is new is shown when it has something to show.
    if (!this.#isReady) return
    window.show()
    window.focus()
  }

  saveState(): void {
    const window = this.#window
    if (window === undefined || window.isDestroyed()) return
    // What it returns to from maximised or full screen, not what it fills now.
    const { x, y, width, height } = window.getNormalBounds()
    this.#options.state.update({ x, y, width, height, isMaximised: window.isMaximized() })
  }

  openAnother(url: string): void {
    const { width, height } = this.#options.state.current
    this.#others.open({ ...windowOptions(this.#options), width, height }, url)
  }

  setProgress(share: number | null): void {
    if (this.#window?.isDestroyed() === false) this.#window.setProgressBar(share ?? -1)
  }

  send(command: DesktopCommand): void {
    if (this.#others.send(command)) return
    if (this.#window === undefined) return
    if (this.#isLoaded) this.#window.webContents.send(BRIDGE_COMMAND_CHANNEL, command)
    else this.#waiting.push(command)
  }

  readonly isPortal = (contents: WebContents): boolean => {
    return (this.#window !== undefined && this.#window.webContents === contents) || this.#others.has(contents)
  }

  #getOrCreate(): BrowserWindow {
    if (this.#window !== undefined && !this.#window.isDestroyed()) return this.#window
    const { electron, state, onClosing } = this.#options
    const workAreas = electron.screen.getAllDisplays().map((display) => display.workArea)
    const window = new electron.BrowserWindow({
      ...windowOptions(this.#options),
      ...placeWindow(state.current, workAreas),
    })
    this.#window = window
    this.#isReady = false
    this.#isLoaded = false
    if (state.current.isMaximised) window.once('show', () => window.maximize())
    this.#keepState(window)
    window.on('focus', () => this.#others.leave())
    window.once('ready-to-show', () => {
      this.#isReady = true
      window.show()
    })
    window.on('close', (event) => {
      if (onClosing() === 'close') return
      event.preventDefault()
      window.hide()
    })
    window.on('closed', () => {
      if (this.#window === window) this.#window = undefined
      this.#waiting = []
    })
    this.#followPage(window)
    void window.loadURL(PORTAL_URL).catch((error: unknown) => {
      this.#options.logger.error({ error }, 'the portal’s page could not be loaded')
    })
    return window
  }

  #followPage(window: BrowserWindow): void {
    const { logger, monotonic = () => performance.now() } = this.#options
    const contents = window.webContents
    contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#isLoaded = false
    })
    contents.on('did-finish-load', () => {
      this.#isLoaded = true
      for (const command of this.#waiting.splice(0)) contents.send(BRIDGE_COMMAND_CHANNEL, command)
    })
    contents.on('render-process-gone', (_event, { reason }) => {
      logger.error({ reason }, 'the window’s page ended unexpectedly; the node goes on')
      const now = monotonic()
      const isFirst = now - this.#crashedAt > RELOAD_PAUSE_MS
      this.#crashedAt = now
      if (isFirst && reason !== 'clean-exit') contents.reload()
    })
  }

  #keepState(window: BrowserWindow): void {
    let timer: NodeJS.Timeout | undefined
    const saveSoon = (): void => {
      clearTimeout(timer)
      timer = setTimeout(() => this.saveState(), STATE_DELAY_MS)
    }
    window.on('resize', saveSoon)
    window.on('move', saveSoon)
    window.on('maximize', saveSoon)
    window.on('unmaximize', saveSoon)
    window.on('close', () => this.saveState())
    window.on('closed', () => clearTimeout(timer))
  }
}

/** Everything that stands between the page and the machine is said here, defaults included. */
function windowOptions({ electron, preloadPath, iconPath }: WindowOptions): BrowserWindowConstructorOptions {
  return {
    title: 'Tidemark',
    icon: iconPath,
    show: false,
    backgroundColor: GROUND,
    minWidth: MIN_WIDTH_PX,
    minHeight: MIN_HEIGHT_PX,
    webPreferences: {
      preload: preloadPath,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !electron.app.isPackaged,
    },
  }
}
