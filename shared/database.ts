/** How a PostgreSQL-wire database is reached, as its user says it; the password is kept apart. */
import { z } from 'zod'
import type { ErrorView } from './errors.ts'

/** Names in PostgreSQL have 63 bytes. */
const MAX_NAME_BYTES = 63
const MAX_HOST_LENGTH = 255
/** A chain of a few certificates. */
const MAX_CA_LENGTH = 65_536
export const MAX_PASSWORD_LENGTH = 1_024

const utf8 = new TextEncoder()

function nameInput(what: string) {
  return z
    .string()
    .min(1)
    .refine((name) => utf8.encode(name).length <= MAX_NAME_BYTES, `the ${what} is longer than 63 bytes`)
    .refine((name) => !/\p{Cc}/u.test(name), `the ${what} has control characters`)
}

/** Written without quotes in every statement of an analyst, so of plain letters. */
export const schemaNameInput = z
  .string()
  .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a schema is named with small letters, digits and underscores')
  .refine(
    (name) => !name.startsWith('pg_') && name !== 'information_schema',
    'this schema is the server’s own',
  )

/** `off`: plain; `require`: encrypted, whoever answers; `verify`: encrypted, and the server proves its name. */
export const DATABASE_TLS = ['off', 'require', 'verify'] as const
export type DatabaseTls = (typeof DATABASE_TLS)[number]

export const databaseServerInput = z.strictObject({
  /** Name or address; a folder where the server listens on a socket of the machine. */
  host: z
    .string()
    .min(1)
    .max(MAX_HOST_LENGTH)
    .refine((host) => !/[\p{Cc}\s]/u.test(host), 'the host has blanks or control characters'),
  port: z.int().min(1).max(65_535).default(5_432),
  database: nameInput('name of the database'),
  user: nameInput('name of the user'),
  tls: z.enum(DATABASE_TLS).default('verify'),
  /** PEM of the authority that signed the server’s certificate, where it is none of the well-known ones. */
  ca: z
    .string()
    .max(MAX_CA_LENGTH)
    .refine((pem) => pem.includes('-----BEGIN CERTIFICATE-----'), 'this is no certificate in PEM')
    .nullable()
    .default(null),
  /** Where the tables are; made when it is not there. */
  schema: schemaNameInput.default('tidemark'),
  /** Connections that read, beside the one that writes. */
  readers: z.int().min(1).max(32).default(2),
  /** A statement that takes longer is ended by the server, ms. */
  statementTimeoutMs: z.int().min(1_000).max(600_000).default(30_000),
})
export type DatabaseServer = z.infer<typeof databaseServerInput>

export const databasePasswordInput = z
  .string()
  .max(MAX_PASSWORD_LENGTH)
  .refine((password) => !password.includes('\0'), 'a password has no character 0')

/** What a connection test found. */
export interface DatabaseReport {
  /** As the server says it. */
  version: string
  latencyMs: number
  isEncrypted: boolean
  /** How far the server’s clock is ahead of this machine’s, ms; negative when it is behind. */
  clockAheadMs: number
  /** Messages of how many stream parts are kept there already; null when the tables are not there. */
  parts: number | null
  /** What would keep a store from working there; empty when all is well. */
  problems: ErrorView[]
}

export const STORE_ENGINES = ['sqlite', 'postgres'] as const
export type StoreEngine = (typeof STORE_ENGINES)[number]

/** Where messages are kept: in a file of the data folder, or by a server. The server stays known while it is not used. */
export const databaseChoiceInput = z
  .strictObject({
    engine: z.enum(STORE_ENGINES).default('sqlite'),
    server: databaseServerInput.nullable().default(null),
  })
  .refine(({ engine, server }) => engine === 'sqlite' || server !== null, 'no database server is named')
export type DatabaseChoice = z.infer<typeof databaseChoiceInput>

/** Verified messages that wait on this machine’s disk until the database takes them. */
export interface SpoolStatus {
  messages: number
  bytes: number
  maxBytes: number
  /** Span of their timestamps, ms; null when none waits. */
  firstTimestamp: number | null
  lastTimestamp: number | null
  /** Since when the database is away, ms since the epoch; null while it takes what is drained. */
  awaySince: number | null
  /** Messages the database refused for what they are; they are kept in the file. */
  setAside: number
}

export interface DatabaseView {
  /** What the node runs on. */
  running: StoreEngine
  choice: DatabaseChoice
  hasPassword: boolean
  /** Null where the engine needs none. */
  spool: SpoolStatus | null
  /** What is set is used from the next start on. */
  needsRestart: boolean
}

const TLS_OF_SSLMODE: Record<string, DatabaseTls> = {
  disable: 'off',
  require: 'require',
  'verify-full': 'verify',
}

/**
 * Reads `sqlite`, or an address as PostgreSQL's own tools have it:
 * `postgresql://user@host:port/database?sslmode=verify-full&schema=tidemark`. A password has no place in it: lists of
 * processes show it.
 * @throws RangeError with a sentence
 */
export function parseDatabaseAddress(text: string): DatabaseChoice {
  if (text === 'sqlite') return { engine: 'sqlite', server: null }
  if (!URL.canParse(text)) throw new RangeError('It is neither “sqlite” nor an address of a server.')
  const url = new URL(text)
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new RangeError('An address of a server begins with postgresql://.')
  }
  if (url.password !== '') {
    throw new RangeError('A password does not belong in the address: give it as TIDEMARK_DATABASE_PASSWORD.')
  }
  const { sslmode = 'verify-full', schema, ...others } = Object.fromEntries(url.searchParams)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new RangeError(`The address says “${unknown}”, which means nothing here.`)
  const tls = TLS_OF_SSLMODE[sslmode]
  if (tls === undefined) throw new RangeError('sslmode is one of disable, require and verify-full.')
  const read = databaseServerInput.safeParse({
    host: decodeURIComponent(url.hostname).replace(/^\[|\]$/g, ''),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    tls,
    ...(schema === undefined ? {} : { schema }),
  })
  if (read.success) return { engine: 'postgres', server: read.data }
  const issue = read.error.issues[0]
  throw new RangeError(`The address is wrong at ${issue?.path.join('.')}: ${issue?.message}.`)
}
