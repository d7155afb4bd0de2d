import { quoteName } from './column-names.ts'
import { viewSchema } from './views.ts'

/** How long a statement of whoever only reads may take. */
const READER_TIMEOUT = '60s'

/**
 * Statements that make a role which may read the views and nothing else, or give an existing one that right. It can log
 * in once somebody gives it a password.
 * @param owner the user of the sinks, whose later views the role is to read as well
 */
export function readerRoleStatements(schema: string, owner: string, role: string): string[] {
  const views = quoteName(viewSchema(schema))
  const name = quoteName(role)
  return [
    `DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${name} LOGIN; END IF; END $$`,
    `ALTER ROLE ${name} SET default_transaction_read_only = on`,
    `ALTER ROLE ${name} SET statement_timeout = '${READER_TIMEOUT}'`,
    `ALTER ROLE ${name} SET search_path = ${views}`,
    `CREATE SCHEMA IF NOT EXISTS ${views} AUTHORIZATION ${quoteName(owner)}`,
    `GRANT USAGE ON SCHEMA ${views} TO ${name}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA ${views} TO ${name}`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteName(owner)} IN SCHEMA ${views} GRANT SELECT ON TABLES TO ${name}`,
  ]
}
