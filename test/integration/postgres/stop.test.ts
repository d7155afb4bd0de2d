import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import { spooledMessages } from '../../../electron/node/store/spool/spool.ts'
import { checkDatabase } from '../../fault/check-database.ts'
import { numberedMessages, PART } from '../../fault/numbered-messages.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger, temporaryFolder } from '../../unit/store/store-folder.ts'

const title = POSTGRES_MISSING === null ? 'the end of a node' : `skipped: ${POSTGRES_MISSING}`
const SCHEMA = 'ending'
/** What the server is given for an answer: nobody may wait for that. */
const HOUR_MS = 3_600_000

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  const folder = temporaryFolder()
  beforeAll(async () => {
    cluster = await startPostgresCluster()
  })
  afterAll(async () => {
    await cluster?.stop()
    folder.remove()
  })

  it('does not wait for a server that hangs, and keeps what was on its way to it', async () => {
    const spoolFile = `${folder.path}/spool.sqlite`
    const open = () =>
      openPostgresStore({
        wire: cluster.wire(SCHEMA, { answerTimeoutMs: HOUR_MS }),
        spoolFile,
        logger: recordingLogger(),
        clock: Date,
      })
    const first = await open()
    await first.append(numberedMessages(0, 100))
    await first.statistics()
    cluster.signal('SIGSTOP')
    try {
      const reading = first.gaps(PART, 10).catch((error: { code: string }) => error.code)
      const storing = first.append(numberedMessages(100, 100))
      await first.close()
      expect(await storing).toMatchObject({ spooled: 100 })
      expect(['database-unreachable', 'not-running']).toContain(await reading)
      expect(spooledMessages(spoolFile)).toBe(100)
    } finally {
      cluster.signal('SIGCONT')
    }
    const second = await open()
    await expect.poll(() => second.status().spool?.messages, { timeout: 60_000 }).toBe(0)
    await second.close()
    expect(await cluster.admin((client) => checkDatabase(client, SCHEMA, 200))).toEqual({
      lost: 0,
      duplicates: 0,
      faults: [],
    })
  })
})
