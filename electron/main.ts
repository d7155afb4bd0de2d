import { join } from 'node:path'
import * as electron from 'electron'
import { appRouter } from './api/router.ts'
import { readDesktopArguments } from './desktop/desktop-arguments.ts'
import { runDesktop } from './desktop/run-desktop.ts'
import { createLogger } from './host/logger.ts'
import { dataDirOf } from './host/paths.ts'
import { projectRoot } from './host/version.ts'

const words = readDesktopArguments(process.argv.slice(1), process.cwd())
const logger = createLogger(electron.app.isPackaged ? 'warn' : 'info')

// No await before this: part of it must happen before Electron is ready.
runDesktop({
  electron,
  platform: process.platform,
  words,
  dataDir: dataDirOf(words.dataDir),
  paths: {
    preload: join(projectRoot, 'dist', 'electron', 'preload.cjs'),
    renderer: join(projectRoot, 'dist', 'renderer'),
    icons: join(projectRoot, 'resources', 'icons'),
  },
  router: appRouter,
  async loadUpdater() {
    // CommonJS with getters: the updater of this system is made when it is first looked at.
    const { default: updaters } = await import('electron-updater')
    return updaters.autoUpdater
  },
  async startNode(options) {
    // The node's libraries take a second to load: the window is open by then.
    const { startDesktopNode } = await import('./desktop/start-desktop-node.ts')
    return startDesktopNode({ ...options, logger })
  },
  logger,
}).catch((error: unknown) => {
  logger.error({ error }, 'the desktop shell failed')
  electron.app.exit(1)
})
