import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type {
  DatabaseChoice,
  DatabaseReport,
  DatabaseServer,
  DatabaseView,
  SpoolStatus,
} from '../../shared/database.ts'
import { databaseServerInput, parseDatabaseAddress } from '../../shared/database.ts'
import { TidemarkError } from '../../shared/errors.ts'
import type { ConfigurationFile } from './configuration.ts'
import { DATABASE_PASSWORD_FILE } from './data-files.ts'
import { testConnection } from './postgres/connection-test.ts'
import { type PasswordFile, passwordFile, type SecretBox } from './postgres/password-file.ts'
import type { PostgresTarget } from './postgres/postgres-target.ts'

/** What the command line or the environment of the process says, to be used from now on. */
export interface ChosenDatabase {
  /** `sqlite`, or the address of a server. */
  address?: string | undefined
  password?: string | undefined
}

export interface DatabaseDeskOptions {
  /** The environment's folder. */
  folder: string
  configuration: ConfigurationFile
  secretBox: SecretBox
}

/** Where messages are kept, as the operator wants it. What is changed is used from the next start on. */
export interface DatabaseDesk {
  /** As the node was started with. */
  readonly running: DatabaseChoice
  /** The server the node runs on, with its password; null on SQLite. */
  readonly target: PostgresTarget | null
  view(spool: SpoolStatus | null): Promise<DatabaseView>
  /** @param password undefined leaves it as it is while the server stays the same, null takes it away */
  change(choice: DatabaseChoice, password: string | null | undefined): Promise<void>
  /** Goes to a server and looks; nothing is changed there or here. Without a password, with the one kept for it. */
  test(
    server: DatabaseServer,
    password: string | null | undefined,
    signal?: AbortSignal,
  ): Promise<DatabaseReport>
}

/**
 * Reads which database is used, taking down first what was chosen from outside.
 * @throws {TidemarkError} `invalid-input`, `key-exposed`, `key-damaged`, `key-sealed-elsewhere`
 */
export async function openDatabaseDesk(
  { folder, configuration, secretBox }: DatabaseDeskOptions,
  chosen: ChosenDatabase,
): Promise<DatabaseDesk> {
  const secret = passwordFile(join(folder, DATABASE_PASSWORD_FILE), secretBox)
  await takeDown(configuration, secret, chosen)
  const running = configuration.current.database
  let passwordIsNew = false
  return {
    running,
    target: await targetOf(running, secret),
    async view(spool) {
      const choice = configuration.current.database
      return {
        running: running.engine,
        choice,
        hasPassword: (await secret.read().catch(() => null)) !== null,
        spool,
        needsRestart: passwordIsNew || !isDeepStrictEqual(choice, running),
      }
    },
    async change(choice, password) {
      const told =
        password === undefined && isElsewhere(configuration.current.database, choice) ? null : password
      if (told !== undefined) {
        await secret.write(told)
        passwordIsNew = choice.engine === 'postgres'
      }
      await configuration.update((now) => ({ ...now, database: choice }))
    },
    async test(server, password, signal) {
      const known = configuration.current.database
      const isKnown = !isElsewhere(known, { engine: 'postgres', server }) && known.server !== null
      const used = password !== undefined ? password : isKnown ? await secret.read() : null
      return testConnection({ ...server, password: used }, signal)
    },
  }
}

/**
 * Whether a choice leads to another server, or by a less safe way: the password that is kept was given for this one
 * and this way, and whoever listens there would learn it.
 */
export function isElsewhere(before: DatabaseChoice, now: DatabaseChoice): boolean {
  if (before.server === null || now.server === null) return false
  const where = ({ host, port, user, tls, ca }: DatabaseServer) => [host, port, user, tls, ca]
  return !isDeepStrictEqual(where(before.server), where(now.server))
}

/** The server that is chosen, with its password; null where the engine is SQLite. */
export async function targetOf(
  { engine, server }: DatabaseChoice,
  secret: Pick<PasswordFile, 'read'>,
): Promise<PostgresTarget | null> {
  if (engine !== 'postgres' || server === null) return null
  return { ...server, password: await secret.read() }
}

async function takeDown(
  configuration: ConfigurationFile,
  secret: PasswordFile,
  { address, password }: ChosenDatabase,
): Promise<void> {
  if (address !== undefined) {
    const choice = joined(configuration.current.database, await chosenBy(address))
    if (isElsewhere(configuration.current.database, choice)) await secret.write(null)
    await configuration.update((now) => ({ ...now, database: choice }))
  }
  if (password !== undefined) await secret.write(password)
}

/** What an address does not say stays as it was set for the same server. */
function joined(before: DatabaseChoice, { engine, server }: DatabaseChoice): DatabaseChoice {
  const known = before.server
  if (server === null) return { engine, server: known }
  if (known?.host !== server.host || known.port !== server.port) return { engine, server }
  const { readers, statementTimeoutMs } = known
  return { engine, server: { ...server, ca: server.ca ?? known.ca, readers, statementTimeoutMs } }
}

/**
 * Reads what names a database on the command line; `sslrootcert` is a file of this machine.
 * @throws {TidemarkError} `invalid-input` when it cannot be read; it does not repeat the address
 */
export async function chosenBy(address: string): Promise<DatabaseChoice> {
  try {
    const url = URL.canParse(address) ? new URL(address) : null
    const file = url?.searchParams.get('sslrootcert') ?? null
    url?.searchParams.delete('sslrootcert')
    const choice = parseDatabaseAddress(url?.href ?? address)
    if (file === null || choice.server === null) return choice
    const ca = await readCertificate(file)
    return { ...choice, server: databaseServerInput.parse({ ...choice.server, ca }) }
  } catch (error) {
    throw new TidemarkError(
      'invalid-input',
      `The database cannot be used. ${error instanceof RangeError ? error.message : 'What names it cannot be read.'}`,
      'Give “sqlite”, or an address such as postgresql://tidemark@db.example:5432/telemetry?sslmode=verify-full.',
    )
  }
}

/** More than any chain of certificates takes. */
const MAX_CERTIFICATE_BYTES = 65_536

async function readCertificate(file: string): Promise<string> {
  const info = await stat(file).catch(() => null)
  if (info === null || !info.isFile() || info.size > MAX_CERTIFICATE_BYTES) {
    throw new RangeError('The file of the certificate authority (sslrootcert) cannot be read.')
  }
  return readFile(file, 'utf8')
}
