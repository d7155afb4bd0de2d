import { join } from 'node:path'
import { z } from 'zod'
import { databaseServerInput } from '../../shared/database.ts'
import { KEPT_STORES_FILE } from './data-files.ts'
import { openSettingsFile, type SettingsFile } from './settings-file.ts'

/** More moves than anybody makes without removing what they left behind. */
const MAX_KEPT_STORES = 64

const keptStoreSchema = z.strictObject({
  /** A file of the environment’s folder; null for a server. */
  file: z
    .string()
    .max(255)
    .refine((name) => !/[/\\]/.test(name), 'a name within the folder')
    .nullable(),
  server: databaseServerInput.nullable(),
  /** Messages it had when it was compared with the one that took its place. */
  messages: z.int().nonnegative(),
  movedAt: z.iso.datetime(),
})

/** A store that a move left as it was. */
export type KeptStore = z.infer<typeof keptStoreSchema>

const schema = z.strictObject({
  version: z.literal(1),
  stores: z.array(keptStoreSchema).max(MAX_KEPT_STORES).default([]),
})

/** The stores that moves have left behind, until the user has them removed. Passwords are not among it. */
export function openKeptStores(folder: string): Promise<SettingsFile<z.infer<typeof schema>>> {
  return openSettingsFile(join(folder, KEPT_STORES_FILE), schema, { version: 1, stores: [] })
}
