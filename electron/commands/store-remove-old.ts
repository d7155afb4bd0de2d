import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import type { DatabaseChoice, DatabaseServer } from '../../shared/database.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { formatCount, formatSize } from '../../shared/format/quantity.ts'
import { takeDatabaseChoice } from '../host/database-choice.ts'
import { createFileModeSealer } from '../keys/sealer.ts'
import { openConfiguration } from '../node/configuration.ts'
import { DATABASE_FILE, DATABASE_PASSWORD_FILE, STORE_FILE_ENDINGS } from '../node/data-files.ts'
import { chosenFolder } from '../node/environment-choice.ts'
import { type KeptStore, openKeptStores } from '../node/kept-stores.ts'
import { wireOf } from '../node/open-store.ts'
import { passwordFile } from '../node/postgres/password-file.ts'
import { lockDataFolder } from '../node/store/data-folder-lock.ts'
import { countOnServer, dropFromServer } from '../node/store/move/drop-store.ts'

export interface RemoveOldCommand {
  dataDir: string
  /** Said by the user, who was shown before what it takes away. */
  isConfirmed: boolean
  output: Writable
}

/**
 * Removes the stores that moves have left behind, of a node that does not run. Without the user's word it only says
 * what would be removed.
 * @returns whether nothing is left to be removed
 * @throws {TidemarkError} `data-folder-in-use`, `busy` while another node uses one, `database-unsuitable`, and what
 *   keeps a server from being reached
 */
export async function removeOldStores({ dataDir, isConfirmed, output }: RemoveOldCommand): Promise<boolean> {
  const folder = await chosenFolder(dataDir)
  const lock = lockDataFolder(dataDir)
  try {
    const kept = await openKeptStores(folder)
    const { database } = (await openConfiguration(folder)).current
    const old = kept.current.stores.filter((store) => !isInUse(store, database))
    if (old.length === 0) {
      output.write('There is no old store: none was moved, or it was removed already.\n')
      return true
    }
    const password = await passwordOf(folder)
    for (const store of old) {
      if (isConfirmed) {
        await remove(folder, store, password)
        await kept.update((now) => ({ ...now, stores: now.stores.filter((one) => !isSame(one, store)) }))
        output.write(`removed: ${nameOf(folder, store)}\n`)
      } else output.write(`would be removed: ${await inWords(folder, store, password)}\n`)
    }
    if (isConfirmed) return true
    output.write(
      'Nothing was removed yet: run the command again with --yes. What is removed cannot be had back.\n',
    )
    return false
  } finally {
    lock.release()
  }
}

/** Somebody may have gone back to it since, by the settings. */
function isInUse({ file, server }: KeptStore, { engine, server: used }: DatabaseChoice): boolean {
  if (file !== null) return engine === 'sqlite' && file === DATABASE_FILE
  return engine === 'postgres' && isDeepStrictEqual(placeOf(server), placeOf(used))
}

function placeOf(server: DatabaseServer | null): unknown {
  return server && [server.host, server.port, server.database, server.schema]
}

function isSame(a: KeptStore, b: KeptStore): boolean {
  return a.movedAt === b.movedAt && a.file === b.file
}

async function passwordOf(folder: string): Promise<string | null> {
  const given = takeDatabaseChoice(undefined).password
  return given ?? passwordFile(join(folder, DATABASE_PASSWORD_FILE), createFileModeSealer()).read()
}

async function remove(folder: string, { file, server }: KeptStore, password: string | null): Promise<void> {
  if (server !== null) dropFromServer(wireOf({ ...server, password }))
  if (file === null) return
  for (const end of STORE_FILE_ENDINGS) await rm(join(folder, `${file}${end}`), { force: true })
}

async function inWords(folder: string, store: KeptStore, password: string | null): Promise<string> {
  const { file, server, messages, movedAt } = store
  const then = `moved ${movedAt} with ${formatCount(messages)} messages`
  if (file !== null) {
    const sizes = await Promise.all(STORE_FILE_ENDINGS.map((end) => sizeOf(join(folder, `${file}${end}`))))
    return `${nameOf(folder, store)}, ${formatSize(sizes.reduce((sum, size) => sum + size, 0))}, ${then}`
  }
  const now = server === null ? null : countOnServer(wireOf({ ...server, password }))
  return `${nameOf(folder, store)}, ${now === null ? 'whose tables are gone' : `${formatCount(now)} messages now`}, ${then}`
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}

function nameOf(folder: string, { file, server }: KeptStore): string {
  if (file !== null) return join(folder, file)
  if (server === null)
    throw new TidemarkError('config-invalid', 'A kept store has no place.', 'Mend the file.')
  return `the tables in the schema ${server.schema} of ${server.database} on ${server.host}:${server.port}`
}
