import type { DatabaseServer } from '../../../shared/database.ts'

/** A server and how to log in there. Holds the password: it is never logged, never shown, never part of an answer. */
export interface PostgresTarget extends DatabaseServer {
  password: string | null
}
