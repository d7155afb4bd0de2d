import { join } from 'node:path'
import type { AnyTRPCRouter } from '@trpc/server'
import type { DesktopCommand } from '../../shared/desktop-bridge.ts'
import { toErrorView } from '../../shared/errors.ts'
import type { NodeStatus } from '../../shared/node-status.ts'
import type { Sealer } from '../keys/sealer.ts'
import type { Logger } from '../node/ports.ts'
import { type AlertWords, showAlert } from './alert-notification.ts'
import { PORTAL_URL } from './app-origin.ts'
import type { DesktopArguments } from './desktop-arguments.ts'
import { DEFAULT_DESKTOP_SETTINGS, desktopSettingsSchema } from './desktop-settings.ts'
import type { ElectronApi } from './electron-api.ts'
import { openJsonFile } from './json-file.ts'
import { createSafeStorageSealer } from './safe-storage-sealer.ts'
import { type OpenDownload, registerAppScheme, setupAppProtocol } from './setup-app-protocol.ts'
import { setupDeepLinks } from './setup-deep-links.ts'
import { setupIpc } from './setup-ipc.ts'
import { setStartAtLogin } from './setup-login.ts'
import { setupMenu } from './setup-menu.ts'
import { setupQuit } from './setup-quit.ts'
import { setupSecurity } from './setup-security.ts'
import { setupSingleInstance } from './setup-single-instance.ts'
import { type PortalTray, setupTray } from './setup-tray.ts'
import { setupUpdates, type Updater } from './setup-updates.ts'
import { setupWindow } from './setup-window.ts'
import { explainTray } from './tray-notice.ts'
import { DEFAULT_WINDOW_STATE, windowStateSchema } from './window-state.ts'

/** What the shell needs of the node it hosts. */
export interface HostedNode {
  /** The context of every call of the router. */
  context: unknown
  status(): Promise<NodeStatus>
  /** A download the node makes, such as an export. */
  openDownload?: OpenDownload
  /** Tells what the rules found, for the channels that are this desktop. */
  onAlert?(listener: (alert: AlertWords) => void): void
  stop(): Promise<void>
}

export interface DesktopOptions {
  electron: ElectronApi
  platform: NodeJS.Platform
  words: DesktopArguments
  dataDir: string
  paths: { preload: string; renderer: string; icons: string }
  router: AnyTRPCRouter
  loadUpdater: () => Promise<Updater>
  startNode: (options: { dataDir: string; sealer: Sealer; signal: AbortSignal }) => Promise<HostedNode>
  logger: Logger
  /** Where the system's signals arrive. Default: this process. */
  signals?: Pick<NodeJS.Process, 'on'>
}

/**
 * The desktop shell, one concern after the other, in the order in which they must come. Everything before the first
 * `await` happens before Electron is ready. Resolves when the node is up, or when there is nothing left to do.
 */
export async function runDesktop(options: DesktopOptions): Promise<void> {
  const { electron, platform, words, dataDir, paths, router, logger } = options
  const { app } = electron
  const shellDir = join(dataDir, 'desktop')
  app.setPath('userData', shellDir)
  registerAppScheme(electron)
  setupSecurity({ electron, logger, openPortal: (url) => portal.openAnother(url) })

  const { settings, windowState } = openPreferences(shellDir, logger)
  let tray: PortalTray | null = null
  const staysInTray = (): boolean => tray !== null && settings.current.closeToTray
  const open = (command: DesktopCommand | null): void => {
    portal.show()
    if (command !== null) portal.send(command)
  }

  const isFirst = setupSingleInstance({ electron, onSecondInstance: ({ link }) => open(link) })
  if (!isFirst) return
  setupDeepLinks({ electron, open: (command) => void app.whenReady().then(() => open(command)) })

  const stopping = new AbortController()
  const node = app.whenReady().then(async () => {
    const sealer = await createSafeStorageSealer(electron, platform)
    return options.startNode({ dataDir, sealer, signal: stopping.signal })
  })

  const portal = setupWindow({
    electron,
    preloadPath: paths.preload,
    iconPath: join(paths.icons, 'icon.png'),
    state: windowState,
    onClosing() {
      if (quit.isFinishing || !staysInTray()) return 'close'
      explainTray({ electron, settings, iconPath: join(paths.icons, 'icon.png') })
      return 'hide'
    },
    logger,
  })

  node.then(
    ({ onAlert }) => {
      const shown = { electron, iconPath: join(paths.icons, 'icon.png'), show: () => portal.show() }
      onAlert?.((alert) => showAlert(alert, shown))
    },
    // Told where the start is waited for.
    () => undefined,
  )
  const closeIpc = setupIpc({
    electron,
    router,
    createContext: async () => (await node).context,
    isPortal: portal.isPortal,
    logger,
  })

  const quit = setupQuit({
    electron,
    signals: options.signals ?? process,
    logger,
    staysWithoutWindow: () => platform === 'darwin' || staysInTray(),
    onFinishing() {
      portal.saveState()
      portal.send({ kind: 'finishing' })
      tray?.finishing()
    },
    async stop() {
      stopping.abort()
      closeIpc()
      await node.then(
        (running) => running.stop(),
        () => undefined,
      )
      await Promise.all([settings.flush(), windowState.flush()])
    },
  })

  await app.whenReady()
  setupAppProtocol({
    electron,
    rendererDir: paths.renderer,
    openDownload: async (id, signal) => (await (await node).openDownload?.(id, signal)) ?? null,
  })
  const openAnother = (): void => portal.openAnother(PORTAL_URL)
  const updates = setupUpdates({
    electron,
    loadUpdater: options.loadUpdater,
    settings,
    shellDir,
    onProgress: (share) => portal.setProgress(share),
    logger,
  })
  setupMenu({
    electron,
    platform,
    command: open,
    show: () => portal.show(),
    openAnother,
    checkForUpdates: () => void updates.check(true),
  })
  tray = setupTray({
    electron,
    platform,
    iconsDir: paths.icons,
    settings,
    status: async () => (await node).status(),
    show: () => portal.show(),
    openAnother,
    setStartAtLogin: (isWanted) => void setStartAtLogin(isWanted, { electron, platform, logger }),
    logger,
  })
  app.on('activate', () => portal.show())
  const isHidden = (words.isHidden || settings.current.startMinimised) && words.link === null
  if (tray === null || !isHidden) open(words.link)
  void updates.check(false)

  await node.catch((error: unknown) => {
    if (quit.isFinishing) return
    failToStart(electron, error, logger)
  })
}

function openPreferences(shellDir: string, logger: Logger) {
  const settings = openJsonFile({
    path: join(shellDir, 'settings.json'),
    schema: desktopSettingsSchema,
    fallback: DEFAULT_DESKTOP_SETTINGS,
    logger,
  })
  const windowState = openJsonFile({
    path: join(shellDir, 'window.json'),
    schema: windowStateSchema,
    fallback: DEFAULT_WINDOW_STATE,
    logger,
  })
  return { settings, windowState }
}

/** A node that cannot start leaves a window nothing to show: one sentence, what to do, and the end. */
function failToStart({ app, dialog }: ElectronApi, error: unknown, logger: Logger): void {
  logger.error({ error }, 'the node could not start')
  const { message, remedy } = toErrorView(error)
  dialog.showErrorBox(message, remedy)
  app.exit(1)
}
