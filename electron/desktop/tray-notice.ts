import type { DesktopSettings } from './desktop-settings.ts'
import type { ElectronApi } from './electron-api.ts'
import type { JsonFile } from './json-file.ts'

export interface TrayNoticeOptions {
  electron: Pick<ElectronApi, 'Notification'>
  settings: JsonFile<DesktopSettings>
  iconPath: string
}

/** Says once that closing the window did not end the node: a window that is gone looks like a program that is. */
export function explainTray({ electron: { Notification }, settings, iconPath }: TrayNoticeOptions): void {
  if (settings.current.trayExplained || !Notification.isSupported()) return
  settings.update({ trayExplained: true })
  new Notification({
    title: 'Tidemark goes on in the tray',
    body: 'It keeps collecting and checking. Quit it, or change this, from its icon there.',
    icon: iconPath,
  }).show()
}
