import type { ElectronApi } from './electron-api.ts'

/** An alert as the system shows it: two texts, no markup. */
export interface AlertWords {
  title: string
  body: string
}

/** Systems cut notifications; this much is legible everywhere, in UTF-16 units. */
const MAX_BODY_LENGTH = 400

export interface AlertNotificationOptions {
  electron: Pick<ElectronApi, 'Notification'>
  iconPath: string
  /** Brings the window to the front. */
  show: () => void
}

/** Shows what the rules found as a notification of the system; a click on it opens the window. */
export function showAlert({ title, body }: AlertWords, options: AlertNotificationOptions): void {
  const { electron, iconPath, show } = options
  if (!electron.Notification.isSupported()) return
  const notification = new electron.Notification({
    title,
    body: body.slice(0, MAX_BODY_LENGTH),
    icon: iconPath,
  })
  notification.on('click', show)
  notification.show()
}
