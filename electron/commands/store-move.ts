import { rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Writable } from 'node:stream'
import type { DatabaseChoice } from '../../shared/database.ts'
import { TidemarkError } from '../../shared/errors.ts'
import { takeDatabaseChoice } from '../host/database-choice.ts'
import { createFileModeSealer } from '../keys/sealer.ts'
import { type ConfigurationFile, openConfiguration } from '../node/configuration.ts'
import { DATABASE_FILE, DATABASE_PASSWORD_FILE, SPOOL_FILE, STORE_FILE_ENDINGS } from '../node/data-files.ts'
import { chosenBy, isElsewhere, targetOf } from '../node/database-desk.ts'
import { chosenFolder } from '../node/environment-choice.ts'
import { openKeptStores } from '../node/kept-stores.ts'
import { wireOf } from '../node/open-store.ts'
import { passwordFile } from '../node/postgres/password-file.ts'
import { lockDataFolder } from '../node/store/data-folder-lock.ts'
import { type MoveReport, moveStore } from '../node/store/move/move-store.ts'
import type { StoreLocation } from '../node/store/reader-connection.ts'
import { spooledMessages } from '../node/store/spool/spool.ts'

export interface MoveCommand {
  dataDir: string
  /** `sqlite`, `postgres` for the server of the settings, or an address. */
  to: string
  output: Writable
  progress: Writable
  signal: AbortSignal
}

/** Where a file is made before it takes the place of the store. */
const MOVING_FILE = 'tidemark.moving.sqlite'

/**
 * Moves the store of a node that does not run to the other engine: copied, compared, and only then used. The old one
 * stays as it is.
 * @throws {TidemarkError} `data-folder-in-use`, `invalid-input`, and what `moveStore` throws
 */
export async function moveHouse({ dataDir, to, output, progress, signal }: MoveCommand): Promise<void> {
  const folder = await chosenFolder(dataDir)
  const lock = lockDataFolder(dataDir)
  try {
    const configuration = await openConfiguration(folder)
    const secret = passwordFile(join(folder, DATABASE_PASSWORD_FILE), createFileModeSealer())
    const before = configuration.current.database
    const after = await targetChoice(before, to)
    const given = takeDatabaseChoice(undefined).password
    const source = await locate(folder, DATABASE_FILE, before, await secret.read())
    const password = given ?? (isElsewhere(before, after) ? null : await secret.read())
    const target = await locate(folder, MOVING_FILE, after, password)
    await assertNothingWaits(folder)
    const compared = await moveStore({ from: source, to: target, signal, onProgress: showOn(progress) })
    const renamed = await switchOver(folder, configuration, after)
    await noteKept(folder, { before, messages: compared.messages, renamed })
    if (after.engine === 'postgres') await secret.write(password)
    output.write(
      `moved: ${compared.messages} messages, ${compared.days} days of stream parts compared and the same\n`,
    )
    output.write(`kept as it was: ${nameOf(source)}\n`)
    if (renamed !== null) output.write(`a file that was in the way is now ${renamed}\n`)
    output.write(
      'Start the node: it uses the new one. When you no longer need the old one: "tidemark store remove-old".\n',
    )
  } finally {
    lock.release()
  }
}

async function targetChoice(before: DatabaseChoice, to: string): Promise<DatabaseChoice> {
  const chosen =
    to === 'postgres' ? { engine: 'postgres' as const, server: before.server } : await chosenBy(to)
  const after = { engine: chosen.engine, server: chosen.server ?? before.server }
  if (after.engine === 'postgres' && after.server === null) {
    throw new TidemarkError(
      'invalid-input',
      'No database server is named in the settings.',
      'Give its address: --to postgresql://user@host:port/database.',
    )
  }
  const isSame = after.engine === before.engine && (after.engine === 'sqlite' || isSamePlace(before, after))
  if (!isSame) return after
  throw new TidemarkError('invalid-input', 'The store is there already.', 'Name the other engine.')
}

function isSamePlace({ server: a }: DatabaseChoice, { server: b }: DatabaseChoice): boolean {
  return a?.host === b?.host && a?.port === b?.port && a?.database === b?.database && a?.schema === b?.schema
}

async function locate(
  folder: string,
  file: string,
  choice: DatabaseChoice,
  password: string | null,
): Promise<StoreLocation> {
  const target = await targetOf(choice, { read: async () => password })
  if (target === null) return { engine: 'sqlite', file: join(folder, file) }
  return { engine: 'postgres', wire: wireOf(target) }
}

/** Messages that wait for the old database would not be in the copy. */
async function assertNothingWaits(folder: string): Promise<void> {
  const waiting = spooledMessages(join(folder, SPOOL_FILE))
  if (waiting === 0) return
  throw new TidemarkError(
    'busy',
    `${waiting} messages wait in the data folder for the database they were meant for.`,
    'Start the node with that database there, until /health says that nothing waits, and move then.',
  )
}

/** @returns the path of a file that was in the way, and is kept under another name */
async function switchOver(
  folder: string,
  configuration: ConfigurationFile,
  choice: DatabaseChoice,
): Promise<string | null> {
  let kept: string | null = null
  if (choice.engine === 'sqlite') {
    const file = join(folder, DATABASE_FILE)
    kept = await setAside(file)
    await rename(join(folder, MOVING_FILE), file)
  }
  await configuration.update((now) => ({ ...now, database: choice }))
  return kept
}

/** A log that stayed beside another file would be taken for that one's: it goes along, and first. */
async function setAside(file: string): Promise<string | null> {
  const kept = `${file}.before-${new Date().toISOString().replaceAll(':', '-')}`
  let isThere = false
  for (const ending of STORE_FILE_ENDINGS.toReversed()) {
    isThere = await rename(file + ending, kept + ending).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false
        throw error
      },
    )
  }
  return isThere ? kept : null
}

/** What the move left behind is known until `tidemark store remove-old` takes it away. */
async function noteKept(
  folder: string,
  { before, messages, renamed }: { before: DatabaseChoice; messages: number; renamed: string | null },
): Promise<void> {
  const kept = await openKeptStores(folder)
  const left = {
    file: before.engine === 'sqlite' ? DATABASE_FILE : null,
    server: before.engine === 'sqlite' ? null : before.server,
    messages,
    movedAt: new Date().toISOString(),
  }
  const inTheWay = (file: string | null): string | null =>
    file === DATABASE_FILE && renamed !== null ? basename(renamed) : file
  await kept.update((now) => ({
    ...now,
    stores: [...now.stores.map((store) => ({ ...store, file: inTheWay(store.file) })), left],
  }))
}

function nameOf(location: StoreLocation): string {
  if (location.engine === 'sqlite') return location.file
  const { host, port, database, schema } = location.wire
  return `schema ${schema} of ${database} on ${host}:${port}`
}

/** A line whenever another hundredth is done. */
function showOn(progress: Writable): (report: MoveReport) => void {
  let shown = ''
  return ({ stage, done, total }) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
    const line = `${stage === 'copy' ? 'copied' : 'compared'} ${percent} % (${done} of ${total})`
    const key = `${stage} ${percent}`
    if (key === shown) return
    shown = key
    progress.write(`${line}\n`)
  }
}
