import { type ErrorCode, TidemarkError } from '../../../shared/errors.ts'
import { failureOf, PostgresError } from './postgres-error.ts'

/** What a class or a code of SQLSTATE, or an error of the system, means to the user. The first that matches counts. */
const MEANINGS: readonly [codes: RegExp, code: ErrorCode, sentence: string, remedy: string][] = [
  [
    /^(28P01|28000|3D000)$/,
    'database-login-refused',
    'The database server refused the login.',
    'Check name of the database, user and password in the settings.',
  ],
  [
    /^42501$/,
    'database-no-rights',
    'The user of the database may not do what the store needs.',
    'Give it CREATE on the database, or make the schema and give it CREATE and USAGE there.',
  ],
  [
    /^25006$/,
    'database-read-only',
    'The database server takes no changes: it is read-only, or a standby.',
    'Name the server that takes changes, or make this one take them.',
  ],
  [
    /^(53100|58030)$/,
    'disk-full',
    'The disk of the database server is full or fails: new messages cannot be stored there.',
    'Make room on it; storing goes on by itself.',
  ],
  [
    /^(53300|53200|57P0|08|ANSWER_TIMEOUT|CONNECTION_LOST|E[A-Z]+$)/,
    'database-unreachable',
    'The database cannot be reached at the moment.',
    'Check that it runs and can be reached from here; storing goes on by itself.',
  ],
  [
    /^(57014|55P03|25P03)$/,
    'timeout',
    'The database did not finish in the time it was given.',
    'Try again; if it stays, the database is too busy, or the limit of statements too short.',
  ],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS)/,
    'database-unreachable',
    'The database server could not prove who it is.',
    'Give the certificate of the authority that signed its own, or choose another kind of encryption.',
  ],
  [
    /^TLS_REFUSED$/,
    'database-unreachable',
    'The database server takes no encrypted connections.',
    'Have it use TLS, or choose not to encrypt where the way to it is safe.',
  ],
  [
    /^(42P01|42703|42P07)$/,
    'database-unsuitable',
    'The tables in the database are not those of this store.',
    'Choose another schema, or restore the tables from a backup.',
  ],
]

/** Errors of a database server in the words of a user; what it said itself stays for the log. */
export function toDatabaseError(error: PostgresError): unknown {
  const found = MEANINGS.find(([codes]) => codes.test(error.code))
  if (found !== undefined) {
    const [, code, sentence, remedy] = found
    return new TidemarkError(code, sentence, remedy, { cause: error })
  }
  if (!error.isLost) return error
  return new TidemarkError(
    'database-unreachable',
    'The connection to the database was lost.',
    'Check that it runs and can be reached from here; storing goes on by itself.',
    { cause: error },
  )
}

/** The same for errors of `pg` itself, on a thread that does not wait. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof TidemarkError) return error
  return toDatabaseError(error instanceof PostgresError ? error : new PostgresError(failureOf(error)))
}

/** Whether the same may succeed later without anybody changing what was asked. */
export function isPassing(error: PostgresError): boolean {
  return error.isLost || /^(53|57|25006|58|08|40|55P03|28|42501|3D)/.test(error.code)
}
