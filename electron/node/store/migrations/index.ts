import { messagesAndPyramid } from './0001-messages-and-pyramid.ts'
import { contentKeys } from './0002-content-keys.ts'
import { markedMessages } from './0003-marked-messages.ts'

/** What brings a file from version `n` to version `n + 1` stands at index `n`. Append; never change one. */
export const MIGRATIONS: readonly string[] = [messagesAndPyramid, contentKeys, markedMessages]

/** Version of the files this code writes. */
export const SCHEMA_VERSION = MIGRATIONS.length
