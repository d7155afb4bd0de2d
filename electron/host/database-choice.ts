import type { ChosenDatabase } from '../node/database-desk.ts'

const PASSWORD_VARIABLE = 'TIDEMARK_DATABASE_PASSWORD'

/**
 * What is said from outside of where messages are kept. The password comes as a variable, which other users cannot
 * read; it is taken out of the environment, so that nothing this process starts inherits it.
 */
export function takeDatabaseChoice(address: string | undefined): ChosenDatabase {
  const password = process.env[PASSWORD_VARIABLE]
  delete process.env[PASSWORD_VARIABLE]
  return { address, password }
}
