import { EventEmitter } from 'node:events'
import type { MenuItemConstructorOptions, Rectangle } from 'electron'
import type { ElectronApi } from '../../../electron/desktop/electron-api.ts'

/** An event that can be prevented, as Electron hands it to listeners. */
export interface FakeEvent {
  defaultPrevented: boolean
  preventDefault(): void
}

export function fakeEvent<T extends object>(fields: T = {} as T): FakeEvent & T {
  return {
    ...fields,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true
    },
  }
}

export class FakeApp extends EventEmitter {
  isPackaged = false
  name = 'Tidemark'
  isSandboxed = false
  isFirstInstance = true
  exitCode: number | undefined
  quitRequests = 0
  readonly paths = new Map<string, string>()
  readonly protocols: string[] = []
  readonly #ready = Promise.withResolvers<void>()
  isReady = false

  whenReady(): Promise<void> {
    return this.#ready.promise
  }
  becomeReady(): void {
    this.isReady = true
    this.#ready.resolve()
  }
  enableSandbox(): void {
    if (this.isReady) throw new Error('enableSandbox comes before ready')
    this.isSandboxed = true
  }
  setPath(name: string, path: string): void {
    this.paths.set(name, path)
  }
  requestSingleInstanceLock(): boolean {
    if (!this.paths.has('userData')) throw new Error('the lock lies in userData, which is not set yet')
    return this.isFirstInstance
  }
  setAsDefaultProtocolClient(scheme: string): boolean {
    this.protocols.push(scheme)
    return true
  }
  readonly loginItems: object[] = []
  setLoginItemSettings(settings: object): void {
    this.loginItems.push(settings)
  }
  getVersion(): string {
    return '1.0.0'
  }
  quit(): void {
    this.quitRequests += 1
    const event = fakeEvent()
    this.emit('before-quit', event)
    if (!event.defaultPrevented) this.exit(0)
  }
  exit(code: number): void {
    this.exitCode ??= code
  }
}

export interface FakeFrame {
  url: string
  origin: string
}

export class FakeWebContents extends EventEmitter {
  readonly mainFrame: FakeFrame = { url: '', origin: '' }
  readonly sent: { channel: string; value: unknown }[] = []
  reloads = 0
  windowOpenHandler: ((details: { url: string }) => { action: string }) | undefined

  getURL(): string {
    return this.mainFrame.url
  }
  send(channel: string, value: unknown): void {
    this.sent.push({ channel, value: structuredClone(value) })
  }
  reload(): void {
    this.reloads += 1
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.windowOpenHandler = handler
  }
  /** What Electron emits when a page is opened or reloaded. */
  navigate(url: string): void {
    this.emit('did-start-navigation', fakeEvent({ url, isMainFrame: true, isSameDocument: false }))
    this.mainFrame.url = url
    this.mainFrame.origin = new URL(url).origin
  }
  finishLoading(): void {
    this.emit('did-finish-load')
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeWebContents()
  readonly options: Record<string, unknown>
  bounds: Rectangle
  shown = false
  minimised = false
  maximised = false
  destroyed = false
  focused = 0

  constructor(electron: FakeElectron, options: Record<string, unknown>) {
    super()
    if (!electron.app.isReady) throw new Error('a window before ready')
    this.options = options
    const { x = 10, y = 20, width, height } = options as unknown as Rectangle
    this.bounds = { x, y, width, height }
    electron.windows.push(this)
    electron.app.emit('web-contents-created', fakeEvent(), this.webContents)
  }
  async loadURL(url: string): Promise<void> {
    this.webContents.navigate(url)
  }
  /** The page is drawn, then loaded, as in Electron. */
  finishLoading(): void {
    this.emit('ready-to-show')
    this.webContents.finishLoading()
  }
  show(): void {
    this.shown = true
    this.emit('show')
  }
  hide(): void {
    this.shown = false
  }
  focus(): void {
    this.focused += 1
  }
  restore(): void {
    this.minimised = false
  }
  maximize(): void {
    this.maximised = true
  }
  progress = -1
  setProgressBar(share: number): void {
    this.progress = share
  }
  isVisible = (): boolean => this.shown
  isMinimized = (): boolean => this.minimised
  isMaximized = (): boolean => this.maximised
  isDestroyed = (): boolean => this.destroyed
  getNormalBounds = (): Rectangle => this.bounds
  /** What the user's close button does. */
  close(): void {
    const event = fakeEvent()
    this.emit('close', event)
    if (event.defaultPrevented) return
    this.destroyed = true
    this.shown = false
    this.webContents.emit('destroyed')
    this.emit('closed')
  }
}

type PermissionRequest = (
  contents: FakeWebContents,
  permission: string,
  callback: (isAllowed: boolean) => void,
  details: { requestingUrl: string; isMainFrame: boolean },
) => void

export class FakeSession extends EventEmitter {
  permissionRequest: PermissionRequest | undefined
  permissionCheck:
    | ((contents: unknown, permission: string, origin: string, details: object) => boolean)
    | undefined
  devicePermission: (() => boolean) | undefined
  beforeRequest:
    | ((details: { url: string }, callback: (answer: { cancel: boolean }) => void) => void)
    | undefined
  readonly webRequest = {
    onBeforeRequest: (handler: NonNullable<FakeSession['beforeRequest']>): void => {
      this.beforeRequest = handler
    },
  }
  setPermissionRequestHandler(handler: PermissionRequest): void {
    this.permissionRequest = handler
  }
  setPermissionCheckHandler(handler: NonNullable<FakeSession['permissionCheck']>): void {
    this.permissionCheck = handler
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.devicePermission = handler
  }
}

export class FakeTray extends EventEmitter {
  toolTip = ''
  title = ''
  menu: MenuItemConstructorOptions[] = []
  menusSet = 0
  destroyed = false
  setToolTip(text: string): void {
    this.toolTip = text
  }
  setTitle(text: string): void {
    this.title = text
  }
  setContextMenu(menu: MenuItemConstructorOptions[]): void {
    this.menu = menu
    this.menusSet += 1
  }
  destroy(): void {
    this.destroyed = true
  }
}

/** Electron without its runtime: records what it is told and lets tests play the system's part. */
export class FakeElectron {
  readonly app = new FakeApp()
  readonly windows: FakeWindow[] = []
  readonly trays: FakeTray[] = []
  readonly notifications: { title: string; body: string }[] = []
  readonly questions: { message: string; detail: string; type: string }[] = []
  /** Which button the user presses, question by question; the last one when there are no more. */
  readonly answers: number[] = []
  readonly errorBoxes: { title: string; content: string }[] = []
  readonly opened: string[] = []
  readonly handlers = new Map<string, (event: unknown, ...values: unknown[]) => unknown>()
  readonly schemes: { scheme: string; privileges: object }[] = []
  readonly schemeHandlers = new Map<string, (request: Request) => Promise<Response>>()
  readonly powerMonitor = new EventEmitter()
  readonly defaultSession = new FakeSession()
  applicationMenu: MenuItemConstructorOptions[] = []
  hasTray = true
  displays: { workArea: Rectangle }[] = [{ workArea: { x: 0, y: 0, width: 1_920, height: 1_040 } }]
  keyStore: { isAvailable: boolean; backend: string } = { isAvailable: true, backend: 'gnome_libsecret' }

  get window(): FakeWindow {
    const window = this.windows.at(-1)
    if (window === undefined) throw new Error('No window was opened.')
    return window
  }

  get tray(): FakeTray {
    const tray = this.trays.at(-1)
    if (tray === undefined) throw new Error('No tray icon was made.')
    return tray
  }

  get session() {
    const { defaultSession } = this
    return {
      get defaultSession() {
        return defaultSession
      },
    }
  }
  readonly shell = {
    openExternal: async (url: string): Promise<void> => {
      this.opened.push(url)
    },
  }
  readonly ipcMain = {
    handle: (channel: string, handler: (event: unknown, ...values: unknown[]) => unknown): void => {
      if (this.handlers.has(channel)) throw new Error(`A second handler for ${channel}`)
      this.handlers.set(channel, handler)
    },
    removeHandler: (channel: string): void => {
      this.handlers.delete(channel)
    },
  }
  readonly protocol = {
    registerSchemesAsPrivileged: (schemes: { scheme: string; privileges: object }[]): void => {
      if (this.app.isReady) throw new Error('schemes are registered before ready')
      this.schemes.push(...schemes)
    },
    handle: (scheme: string, handler: (request: Request) => Promise<Response>): void => {
      this.schemeHandlers.set(scheme, handler)
    },
  }
  readonly Menu = {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (menu: MenuItemConstructorOptions[]): void => {
      this.applicationMenu = menu
    },
  }
  readonly nativeImage = {
    createFromPath: (path: string) => ({ path, isEmpty: () => false, setTemplateImage: () => undefined }),
  }
  readonly screen = { getAllDisplays: () => this.displays }
  readonly dialog = {
    showMessageBox: async (options: {
      message: string
      detail: string
      type: string
      buttons: string[]
    }): Promise<{ response: number }> => {
      const { message, detail, type, buttons } = options
      this.questions.push({ message, detail, type })
      return { response: this.answers.shift() ?? buttons.length - 1 }
    },
    showErrorBox: (title: string, content: string): void => {
      this.errorBoxes.push({ title, content })
    },
  }
  readonly safeStorage = {
    isAsyncEncryptionAvailable: async (): Promise<boolean> => this.keyStore.isAvailable,
    getSelectedStorageBackend: (): string => this.keyStore.backend,
    encryptStringAsync: async (text: string): Promise<Buffer> =>
      Buffer.from([...Buffer.from(text)].map((it) => it ^ 90)),
    decryptStringAsync: async (sealed: Buffer) => ({
      shouldReEncrypt: false,
      result: Buffer.from([...sealed].map((it) => it ^ 90)).toString(),
    }),
  }
  readonly BrowserWindow: unknown
  readonly Tray: unknown
  readonly Notification: unknown

  constructor() {
    const electron = this
    this.BrowserWindow = class extends FakeWindow {
      constructor(options: Record<string, unknown>) {
        super(electron, options)
      }
    }
    this.Tray = class extends FakeTray {
      constructor() {
        super()
        if (!electron.hasTray) throw new Error('no tray here')
        electron.trays.push(this)
      }
    }
    this.Notification = class {
      static isSupported = (): boolean => true
      readonly #options: { title: string; body: string }
      constructor(options: { title: string; body: string }) {
        this.#options = options
      }
      on(): this {
        return this
      }
      show(): void {
        electron.notifications.push(this.#options)
      }
    }
  }

  /** The fake in the shape the shell takes. */
  get api(): ElectronApi {
    return this as unknown as ElectronApi
  }

  /** What `ipcRenderer.invoke` does in a page's main frame, or in another frame. */
  async invoke(
    contents: FakeWebContents,
    channel: string,
    value: unknown,
    frame: FakeFrame | null = contents.mainFrame,
  ) {
    const handler = this.handlers.get(channel)
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
    return handler({ sender: contents, senderFrame: frame }, structuredClone(value))
  }
}
