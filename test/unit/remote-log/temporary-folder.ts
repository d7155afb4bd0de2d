import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { createDatabaseHost, type DatabaseHost } from '../../../electron/node/remote-log/database/database.ts'

/** A folder that is gone when the test has ended. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-remote-log-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A database thread that ends with the test, before its folders go. */
export function databaseHost(): DatabaseHost {
  const host = createDatabaseHost()
  onTestFinished(() => host.close())
  return host
}

let shared: DatabaseHost | undefined

/** The database thread that the tests of one file share: starting one takes longer than most tests. */
export function sharedDatabaseHost(): DatabaseHost {
  shared ??= createDatabaseHost()
  return shared
}

afterAll(async () => {
  await shared?.close()
  shared = undefined
})
