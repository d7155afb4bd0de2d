import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lease } from '../../../electron/node/store/postgres/lease.ts'
import { PostgresConnection } from '../../../electron/node/store/postgres/postgres-connection.ts'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import { SyncWire } from '../../../electron/node/store/postgres/sync-wire.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'
import { checkDatabase } from '../../fault/check-database.ts'
import { numberedMessages, PART, timestampOf } from '../../fault/numbered-messages.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger } from '../../unit/store/store-folder.ts'

const title = POSTGRES_MISSING === null ? 'nodes that share a database' : `skipped: ${POSTGRES_MISSING}`
const SCHEMA = 'shared'
const MESSAGES = 2_000

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let folder: string
  const stores: EngineStore[] = []
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    folder = mkdtempSync(join(tmpdir(), 'tidemark-shared-'))
    const open = (name: string) =>
      openPostgresStore({
        wire: cluster.wire(SCHEMA),
        spoolFile: join(folder, name),
        logger: recordingLogger(),
        clock: { now: () => timestampOf(10_000_000) },
      })
    // Both find no tables and make them at once.
    stores.push(...(await Promise.all([open('a'), open('b')])))
  })
  afterAll(async () => {
    for (const store of stores) await store.close()
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('store what both of them receive once, with counts and pyramid right, whoever comes first', async () => {
    const [a, b] = stores as [EngineStore, EngineStore]
    const pour = async (store: EngineStore, from: number, step: number): Promise<void> => {
      for (let first = from; first >= 0 && first < MESSAGES; first += step) {
        await store.append(numberedMessages(first, Math.abs(step)))
      }
    }
    // One from the beginning, the other from the end, past each other in the middle.
    await Promise.all([pour(a, 0, 100), pour(b, MESSAGES - 100, -100)])
    // On a machine that is very busy a node may have taken the server for away for a moment.
    await expect
      .poll(() => [a, b].map((store) => store.status().spool?.messages), { timeout: 60_000 })
      .toEqual([0, 0])
    const check = await cluster.admin((client) => checkDatabase(client, SCHEMA, MESSAGES))
    expect(check).toEqual({ lost: 0, duplicates: 0, faults: [] })
    const before = await a.fingerprints(PART, 60_000, timestampOf(0), timestampOf(MESSAGES))
    const statistics = await b.statistics()
    expect(statistics).toMatchObject([{ messages: MESSAGES, publishers: 5 }])
    // What was maintained by two is what one finds who makes it anew.
    await a.rebuildPyramid()
    expect(await b.fingerprints(PART, 60_000, timestampOf(0), timestampOf(MESSAGES))).toEqual(before)
    expect(await b.statistics()).toEqual(statistics)
  })

  it('agree on retention, and see what either of them dropped', async () => {
    const [a, b] = stores as [EngineStore, EngineStore]
    await a.setRetention(PART, { maxAgeMs: 1_000, maxBytes: null })
    expect(await b.retention(PART)).toEqual({ maxAgeMs: 1_000, maxBytes: null })
    await Promise.all([a.enforceRetention(), b.enforceRetention()])
    const [left] = await b.statistics()
    expect(left?.dropped).toBe(MESSAGES)
    // Neither of them takes again what was dropped.
    for (const store of [a, b]) {
      expect(await store.append(numberedMessages(0, 100))).toMatchObject({ stored: 0, declined: 100 })
    }
  })

  it('let one of them at a time do the housekeeping, and another one when that is gone', () => {
    const connection = new PostgresConnection(new SyncWire(cluster.wire(SCHEMA)))
    try {
      const [first, second] = ['one', 'other'].map((holder) => new Lease(connection, 'test', holder))
      expect([first?.take(), second?.take(), first?.take()]).toEqual([true, false, true])
      first?.release()
      expect([second?.take(), first?.take()]).toEqual([true, false])
      // Whoever is not heard of for a while has it no longer.
      connection.request('UPDATE leases SET until = until - 60000 WHERE name = $1', ['test'])
      expect(first?.take()).toBe(true)
    } finally {
      connection.close()
    }
  })
})
