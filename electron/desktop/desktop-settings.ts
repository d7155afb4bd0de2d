import { z } from 'zod'

export const desktopSettingsSchema = z.strictObject({
  /** Begin in the tray, without a window. */
  startMinimised: z.boolean(),
  /** Closing the window leaves the node running in the tray. */
  closeToTray: z.boolean(),
  /** The user has been told once that the node goes on in the tray. */
  trayExplained: z.boolean(),
})

export type DesktopSettings = z.infer<typeof desktopSettingsSchema>

export const DEFAULT_DESKTOP_SETTINGS: DesktopSettings = {
  startMinimised: false,
  closeToTray: true,
  trayExplained: false,
}
