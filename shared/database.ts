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
