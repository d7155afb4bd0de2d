import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '../node/ports.ts'
import type { ElectronApi } from './electron-api.ts'

const ENTRY_FILE = 'tidemark.desktop'

export interface LoginOptions {
  electron: Pick<ElectronApi, 'app'>
  platform: NodeJS.Platform
  /** The program that is started, as this one was. Default: this process, or its AppImage. */
  program?: string
  /** Where the desktop looks for what begins with it (XDG). Default: the user's. */
  autostartDir?: string
  logger: Logger
}

/** Has the system start Tidemark in the tray when the user logs in, or no more. */
export async function setStartAtLogin(isWanted: boolean, options: LoginOptions): Promise<void> {
  const { electron, platform, logger } = options
  if (platform !== 'linux') {
    electron.app.setLoginItemSettings({ openAtLogin: isWanted, args: ['--hidden'] })
    return
  }
  // Linux desktops have no call for it but a folder (freedesktop.org, Desktop Application Autostart Specification).
  const folder = options.autostartDir ?? autostartFolder()
  const file = join(folder, ENTRY_FILE)
  try {
    if (!isWanted) {
      await rm(file, { force: true })
      return
    }
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(file, desktopEntry(options.program ?? process.env.APPIMAGE ?? process.execPath))
  } catch (error) {
    logger.warn({ file, error }, 'starting at login could not be set')
  }
}

function autostartFolder(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'autostart')
}

/** An entry of the Desktop Entry Specification; the program's path is quoted as it asks. */
export function desktopEntry(program: string): string {
  // Within quotes these are escaped; a backslash is escaped once more as in every string, and % begins a code.
  const quoted = program
    .replace(/[\\"`$]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Tidemark',
    'Comment=Begins in the tray and collects signed telemetry',
    `Exec="${quoted}" --hidden`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n')
}
