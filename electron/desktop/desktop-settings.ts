import { z } from 'zod'

/** Longer addresses carry data rather than lead somewhere. */
const MAX_FEED_LENGTH = 2_048

export const desktopSettingsSchema = z.strictObject({
  /** Begin in the tray, without a window. */
  startMinimised: z.boolean(),
  /** Closing the window leaves the node running in the tray. */
  closeToTray: z.boolean(),
  /** The user has been told once that the node goes on in the tray. */
  trayExplained: z.boolean(),
  /** The system starts Tidemark, in the tray, when the user logs in. */
  startAtLogin: z.boolean().default(false),
  /** Where updates come from, an https address; null: no server is asked for any. */
  updateFeed: z
    .url({ protocol: /^https$/ })
    .max(MAX_FEED_LENGTH)
    .nullable()
    .default(null),
})

export type DesktopSettings = z.infer<typeof desktopSettingsSchema>

export const DEFAULT_DESKTOP_SETTINGS: DesktopSettings = {
  startMinimised: false,
  closeToTray: true,
  trayExplained: false,
  startAtLogin: false,
  updateFeed: null,
}
