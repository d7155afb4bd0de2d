import { stopInTime } from '../host/stop-in-time.ts'
import type { Logger } from '../node/ports.ts'
import type { ElectronApi } from './electron-api.ts'

/** The node writes what it holds within a second or two; after this long something hangs, and what was acknowledged is on disk anyway. */
export const STOP_DEADLINE_MS = 10_000

export interface QuitOptions {
  electron: Pick<ElectronApi, 'app' | 'powerMonitor'>
  /** Stops the node and everything that writes. */
  stop: () => Promise<void>
  /** Whether the app goes on when its last window is closed: in the tray, or as macOS does. */
  staysWithoutWindow: () => boolean
  /** Called once, as soon as it is certain that the app will end. */
  onFinishing: () => void
  logger: Logger
  deadlineMs?: number
  /** Where the system's signals arrive. Default: this process. */
  signals?: Pick<NodeJS.Process, 'on'>
}

export interface Quit {
  /** Windows may close for good now. */
  readonly isFinishing: boolean
}

/** Whatever ends the app (menu, tray, signal, logout, shutdown), the store is closed first. */
export function setupQuit(options: QuitOptions): Quit {
  const { electron, stop, onFinishing, logger, deadlineMs = STOP_DEADLINE_MS, signals = process } = options
  const { app, powerMonitor } = electron
  let isFinishing = false

  const finish = async (): Promise<void> => {
    isFinishing = true
    onFinishing()
    app.exit(await stopInTime(stop, { deadlineMs, logger }))
  }

  app.on('before-quit', (event) => {
    // `app.exit` does not come by here: until then every wish to quit is put off.
    event.preventDefault()
    if (!isFinishing) void finish()
  })
  // Without a listener Electron would quit by itself.
  app.on('window-all-closed', () => {
    if (!options.staysWithoutWindow()) app.quit()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    signals.on(signal, () => app.quit())
  }
  void app.whenReady().then(() => {
    powerMonitor.on('shutdown', (event?: { preventDefault(): void }) => {
      // Asks the system to wait for us.
      event?.preventDefault()
      app.quit()
    })
  })
  return {
    get isFinishing() {
      return isFinishing
    },
  }
}
