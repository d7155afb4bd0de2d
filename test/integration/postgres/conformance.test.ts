import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { messageStoreConformance } from '../../unit/store/conformance.ts'
import { recordingLogger } from '../../unit/store/store-folder.ts'
import { EPOCH } from '../../unit/store/synthetic-messages.ts'

const SCHEMA = 'conformance'
/** All tables but those of names, whose numbers the store's threads may remember. */
const EMPTIED = [
  ...['parts', 'part_publishers', 'messages', 'unproven', 'held', 'refused', 'chain_states', 'gaps'],
  ...['fields', 'part_buckets', 'publisher_buckets', 'drops', 'content_keys'],
].map((table) => `${SCHEMA}.${table}`)

const title = POSTGRES_MISSING === null ? 'on a PostgreSQL server' : `skipped: ${POSTGRES_MISSING}`

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let store: EngineStore
  let folder: string
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    folder = mkdtempSync(join(tmpdir(), 'tidemark-spool-'))
    const wire = cluster.wire(SCHEMA)
    const spoolFile = join(folder, 'spool.sqlite')
    store = await openPostgresStore({
      wire,
      spoolFile,
      logger: recordingLogger(),
      clock: { now: () => EPOCH },
    })
  })
  afterAll(async () => {
    await store?.close()
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  // Starting threads is what the time would go into: the tables are emptied instead.
  messageStoreConformance('the PostgreSQL store', async () => ({
    store,
    location: { engine: 'postgres', wire: cluster.wire(SCHEMA) },
    dispose: () =>
      cluster.admin(async (client) => {
        await client.query(`TRUNCATE ${EMPTIED.join(', ')}`)
      }),
  }))
})
