import { useState } from 'react'
import { type DatabaseServer, databaseServerInput } from '../../../shared/database.ts'

/** A server as it is being typed: its certificate is a text, empty for none. */
export type ServerDraft = Omit<DatabaseServer, 'ca'> & { ca: string }

const FIRST_SERVER: ServerDraft = {
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

function serverOf(draft: ServerDraft): ReadServer {
  const read = databaseServerInput.safeParse({ ...draft, ca: draft.ca.trim() === '' ? null : draft.ca })
  return {
    success: read.success,
    data: read.data,
    issueOf: (name) =>
      // What is not filled in yet is not wrong.
      draft[name] === '' ? undefined : read.error?.issues.find(({ path }) => path[0] === name)?.message,
  }
}

export interface DatabaseDraft {
  draft: ServerDraft
  read: ReadServer
  password: string
  /** What is sent of the password: one that is left empty stays what it was. */
  secret: { password?: string }
  set(change: Partial<ServerDraft>): void
  setPassword(password: string): void
}

export interface DatabaseDraftOptions {
  /** The server as it is kept; null where none was named yet. */
  server: DatabaseServer | null
  /** The schema that is offered at first. */
  schema: string
  /** Told of every change: what was found out about the draft is out of date. */
  onEdit(): void
}

/** A server and its password while they are being typed. */
export function useDatabaseDraft({ server, schema, onEdit }: DatabaseDraftOptions): DatabaseDraft {
  const [draft, setDraft] = useState<ServerDraft>(
    server === null ? { ...FIRST_SERVER, schema } : { ...server, ca: server.ca ?? '' },
  )
  const [password, setPassword] = useState('')
  return {
    draft,
    password,
    read: serverOf(draft),
    secret: password === '' ? {} : { password },
    set(change) {
      setDraft((before) => ({ ...before, ...change }))
      onEdit()
    },
    setPassword(typed) {
      setPassword(typed)
      onEdit()
    },
  }
}
