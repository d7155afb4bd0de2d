import type { MenuItemConstructorOptions } from 'electron'
import type { DesktopCommand, MenuCommand } from '../../shared/desktop-bridge.ts'
import type { ElectronApi } from './electron-api.ts'

/** Places of the portal with their paths, in the order of its rail. */
const PLACES = [
  ['Overview', '/'],
  ['Workspace', '/workspace'],
  ['Messages', '/messages'],
] as const

const PROJECT_LINKS = [['Streamr Network', 'https://streamr.network/']] as const

export interface MenuOptions {
  electron: Pick<ElectronApi, 'app' | 'Menu' | 'shell'>
  platform: NodeJS.Platform
  /** Brings the window to the front and tells it. */
  command: (command: DesktopCommand) => void
  show: () => void
  openAnother: () => void
  checkForUpdates: () => void
}

/** The application's menu. What it offers is also on the keyboard: each entry says with which keys. */
export function setupMenu(options: MenuOptions): void {
  const { Menu } = options.electron
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)))
}

export function menuTemplate(options: MenuOptions): MenuItemConstructorOptions[] {
  const isMac = options.platform === 'darwin'
  const settings = goTo(options, 'Settings…', '/settings', 'CmdOrCtrl+,')
  return [
    ...(isMac ? [macAppMenu(options, settings)] : []),
    fileMenu(options, settings),
    { role: 'editMenu' },
    viewMenu(options),
    timeMenu(options),
    { role: 'windowMenu' },
    helpMenu(options),
  ]
}

function goTo(
  { command }: MenuOptions,
  label: string,
  path: string,
  accelerator: string,
): MenuItemConstructorOptions {
  return { label, accelerator, click: () => command({ kind: 'navigate', path }) }
}

function invoke(
  { command }: MenuOptions,
  label: string,
  name: MenuCommand,
  accelerator?: string,
): MenuItemConstructorOptions {
  const click = (): void => command({ kind: 'invoke', command: name })
  return accelerator === undefined ? { label, click } : { label, accelerator, click }
}

const separator: MenuItemConstructorOptions = { type: 'separator' }

function macAppMenu(
  { electron }: MenuOptions,
  settings: MenuItemConstructorOptions,
): MenuItemConstructorOptions {
  return {
    label: electron.app.name,
    submenu: [
      { role: 'about' },
      separator,
      settings,
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { role: 'quit' },
    ],
  }
}

function fileMenu(options: MenuOptions, settings: MenuItemConstructorOptions): MenuItemConstructorOptions {
  const { platform, show, openAnother } = options
  const rest: MenuItemConstructorOptions[] =
    platform === 'darwin'
      ? [{ role: 'close' }]
      : [
          settings,
          separator,
          { role: 'close' },
          { label: 'Quit Tidemark', accelerator: 'CmdOrCtrl+Q', role: 'quit' },
        ]
  return {
    label: '&File',
    submenu: [
      { label: 'Show window', click: show },
      { label: 'New window', accelerator: 'CmdOrCtrl+Shift+N', click: openAnother },
      invoke(options, 'Subscribe to a stream…', 'subscribe', 'CmdOrCtrl+N'),
      separator,
      ...rest,
    ],
  }
}

function viewMenu(options: MenuOptions): MenuItemConstructorOptions {
  const { isPackaged } = options.electron.app
  return {
    label: '&View',
    submenu: [
      ...PLACES.map(([label, path], index) => goTo(options, label, path, `CmdOrCtrl+${index + 1}`)),
      separator,
      invoke(options, 'Search and commands…', 'command-palette', 'CmdOrCtrl+K'),
      invoke(options, 'Inspector', 'toggle-inspector', 'CmdOrCtrl+I'),
      invoke(options, 'Dark or light', 'toggle-theme'),
      separator,
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { role: 'togglefullscreen' },
      separator,
      { role: 'reload' },
      ...(isPackaged ? [] : [{ role: 'toggleDevTools' } satisfies MenuItemConstructorOptions]),
    ],
  }
}

function timeMenu(options: MenuOptions): MenuItemConstructorOptions {
  return {
    label: '&Time',
    submenu: [
      invoke(options, 'Play or pause', 'play-pause', 'CmdOrCtrl+P'),
      invoke(options, 'Back to live', 'go-live', 'CmdOrCtrl+L'),
      separator,
      invoke(options, 'Local time, UTC or epoch', 'next-time-zone'),
    ],
  }
}

function helpMenu(options: MenuOptions): MenuItemConstructorOptions {
  const { shell } = options.electron
  return {
    role: 'help',
    submenu: [
      invoke(options, 'Keyboard shortcuts', 'shortcuts'),
      invoke(options, 'Take the tour', 'tour'),
      separator,
      { label: 'Check for updates…', click: options.checkForUpdates },
      separator,
      ...PROJECT_LINKS.map(([label, url]) => ({ label, click: () => void shell.openExternal(url) })),
    ],
  }
}
