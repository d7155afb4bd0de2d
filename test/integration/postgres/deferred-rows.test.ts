import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresConnection } from '../../../electron/node/store/postgres/postgres-connection.ts'
import { migratePostgres } from '../../../electron/node/store/postgres/postgres-migrate.ts'
import { SyncWire } from '../../../electron/node/store/postgres/sync-wire.ts'
import { translate } from '../../../electron/node/store/postgres/translate.ts'
import { PartBucketTable } from '../../../electron/node/store/pyramid/part-bucket-rows.ts'
import { PublisherBucketTable } from '../../../electron/node/store/pyramid/publisher-bucket-rows.ts'
import type { SqlConnection } from '../../../electron/node/store/sql-connection.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'

const title =
  POSTGRES_MISSING === null ? 'rows that wait for their transaction' : `skipped: ${POSTGRES_MISSING}`
const SCHEMA = 'deferred'

type Step = { do: 'write' | 'take away' | 'read' | 'read all'; key: number; value: number }

const steps = fc.array(
  fc.record<Step>({
    do: fc.constantFrom('write', 'write', 'take away', 'read', 'read all'),
    key: fc.integer({ min: 0, max: 5 }),
    value: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 24 },
)

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let connection: PostgresConnection
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    connection = new PostgresConnection(new SyncWire(cluster.wire(SCHEMA, { isByKey: true })))
    migratePostgres(connection, SCHEMA)
  })
  afterAll(async () => {
    connection?.close()
    await cluster?.stop()
  })

  function statements() {
    const row =
      'part_buckets (part, level, bucket, bytes, verified, pending, unauthorised, forged, equivocations, gaps, fingerprint)'
    const values = 'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
    const gap =
      'gaps (part, publisher, chain, missing_timestamp, missing_sequence, named_by_timestamp, named_by_sequence)'
    const { insertNew } = connection.dialect
    const ofGap = `part = ? AND publisher = ? AND chain = ? AND missing_timestamp = ? AND missing_sequence = ?
      AND named_by_timestamp = ? AND named_by_sequence = ?`
    return {
      begin: connection.prepare('BEGIN'),
      commit: connection.prepare('COMMIT'),
      addBucket: connection.prepare(`${insertNew} ${row} ${values}`),
      replaceBucket: connection.prepare(`INSERT OR REPLACE INTO ${row} ${values}`),
      removeBucket: connection.prepare(
        'DELETE FROM part_buckets WHERE part = ? AND level = ? AND bucket = ?',
      ),
      bucket: connection
        .prepare<number[], number>(
          'SELECT bytes FROM part_buckets WHERE part = ? AND level = ? AND bucket = ?',
        )
        .pluck(),
      buckets: connection
        .prepare<[], [number, number]>('SELECT bucket, bytes FROM part_buckets ORDER BY bucket')
        .raw(),
      addGap: connection.prepare(`${insertNew} ${gap} VALUES (?, ?, ?, ?, ?, ?, ?)`),
      removeGap: connection.prepare(`DELETE FROM gaps WHERE ${ofGap}`),
      gaps: connection.prepare<[], number>('SELECT missing_timestamp FROM gaps ORDER BY 1').pluck(),
    }
  }

  it('are read, and stored in the end, as if each had been written at once', () => {
    const sql = statements()
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 3 }), (transactions) => {
        connection.request('DELETE FROM part_buckets')
        const rows = new Map<number, number>()
        const all = () => [...rows].sort(([a], [b]) => a - b)
        for (const transaction of transactions) {
          sql.begin.run()
          for (const { do: what, key, value } of transaction) {
            if (what === 'write') {
              const write = rows.has(key) ? sql.replaceBucket : sql.addBucket
              write.run(1, 0, key, value, 0, 0, 0, 0, 0, 0, new Uint8Array(2))
              rows.set(key, value)
            } else if (what === 'take away') {
              sql.removeBucket.run(1, 0, key)
              rows.delete(key)
            } else if (what === 'read') expect(sql.bucket.get(1, 0, key)).toBe(rows.get(key))
            else expect(sql.buckets.all()).toEqual(all())
          }
          sql.commit.run()
          expect(sql.buckets.all()).toEqual(all())
        }
      }),
      { numRuns: 60 },
    )
  })

  it('that are nothing but a key, and go again in the transaction they came in, are never sent', () => {
    const sql = statements()
    const gapAt = (timestamp: number): number[] => [1, 1, 1, timestamp, 0, timestamp + 1, 0]
    sql.begin.run()
    for (const timestamp of [10, 20]) sql.addGap.run(...gapAt(timestamp))
    sql.commit.run()
    const writes = (): number[] => {
      const counts = "SELECT n_tup_ins, n_tup_del FROM pg_stat_xact_user_tables WHERE relname = 'gaps'"
      return (connection.request(counts).rows[0] ?? []).map(Number)
    }
    sql.begin.run()
    const [inserted = 0, deleted = 0] = writes()
    sql.addGap.run(...gapAt(30))
    sql.removeGap.run(...gapAt(30))
    sql.removeGap.run(...gapAt(10))
    // Taken away and named anew: it is there, and the server is not told that its place is free.
    sql.removeGap.run(...gapAt(20))
    sql.addGap.run(...gapAt(20))
    expect(sql.gaps.all()).toEqual([20])
    expect(writes()).toEqual([inserted, deleted + 1])
    sql.commit.run()
    expect(sql.gaps.all()).toEqual([20])
  })

  it('are looked up by their keys alone, also by a connection that began when the tables were empty', () => {
    const texts: string[] = []
    const { dialect } = connection
    const noting: SqlConnection = {
      dialect,
      inTransaction: false,
      prepare: (sql) => {
        texts.push(translate(sql).text)
        return connection.prepare(sql)
      },
    }
    new PartBucketTable(noting)
    new PublisherBucketTable(noting)
    const lookups = texts.filter((text) => text.includes('unnest'))
    expect(lookups).toHaveLength(2)
    connection.request('TRUNCATE part_buckets, publisher_buckets')
    connection.request('ANALYZE part_buckets, publisher_buckets')
    for (const text of lookups) {
      const values = text.match(/\$\d+/g)?.map((at) => (text.includes(`CAST(${at} AS`) ? "'{1}'" : '1'))
      connection.request(`PREPARE lookup AS ${text}`)
      const plan = connection.request(`EXPLAIN EXECUTE lookup(${values})`).rows.map(([line]) => String(line))
      connection.request('DEALLOCATE lookup')
      const scans = plan.flatMap((line) => /(Function|Seq|Index Only|Index) Scan/.exec(line)?.[1] ?? [])
      expect(scans).toEqual(['Function', 'Index'])
    }
  })
})
