import { type DatabaseServer, databaseServerInput } from '../../../shared/database.ts'

/** A server as it is being typed: its certificate is a text, empty for none. */
export type ServerDraft = Omit<DatabaseServer, 'ca'> & { ca: string }

export const FIRST_SERVER: ServerDraft = {
  host: '',
  port: 5_432,
  database: '',
  user: '',
  tls: 'verify',
  schema: 'tidemark',
  ca: '',
  readers: 2,
  statementTimeoutMs: 30_000,
}

export interface ReadServer {
  success: boolean
  /** The server, once it is whole. */
  data: DatabaseServer | undefined
  /** What is wrong with one of its fields. */
  issueOf(name: keyof ServerDraft): string | undefined
}

export function serverOf(draft: ServerDraft): ReadServer {
  const read = databaseServerInput.safeParse({ ...draft, ca: draft.ca.trim() === '' ? null : draft.ca })
  return {
    success: read.success,
    data: read.data,
    issueOf: (name) => read.error?.issues.find(({ path }) => path[0] === name)?.message,
  }
}
