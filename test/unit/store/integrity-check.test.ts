import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkInBackground } from '../../../electron/node/store/care/integrity-check.ts'
import { openForWriting } from '../../../electron/node/store/database.ts'
import { migrate } from '../../../electron/node/store/migrate.ts'
import { runningProcesses } from './store-folder.ts'

describe('the check of a store’s file', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tidemark-integrity-'))
  })
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('finds nothing wrong with a file that is whole', async () => {
    const file = join(folder, 'whole.sqlite')
    const db = openForWriting(file)
    migrate(db)
    db.close()
    await expect(checkInBackground(file, new AbortController().signal)).resolves.toEqual([])
  })

  it.skipIf(process.platform === 'win32')('is over at once when it is stopped, wherever it is', async () => {
    // Whoever opens a pipe waits inside the system until somebody writes to it, as inside SQLite on a large file:
    // nothing but a kill ends that.
    const file = join(folder, 'never-ends.sqlite')
    execFileSync('mkfifo', [file])
    const stopping = new AbortController()
    const checked = checkInBackground(file, stopping.signal)
    checked.catch(() => undefined)
    await expect.poll(runningProcesses).toBe(1)
    stopping.abort()
    await expect(checked).rejects.toMatchObject({ code: 'aborted' })
    await expect.poll(runningProcesses).toBe(0)
  })
})
