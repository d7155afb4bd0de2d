import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PostgresConnection } from '../../../electron/node/store/postgres/postgres-connection.ts'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import { SyncWire } from '../../../electron/node/store/postgres/sync-wire.ts'
import { TableCopy } from '../../../electron/node/store/postgres/table-copy.ts'
import { Statements } from '../../../electron/node/store/read/statements.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger, temporaryFolder } from '../../unit/store/store-folder.ts'
import { EPOCH, syntheticMessage } from '../../unit/store/synthetic-messages.ts'

const title = POSTGRES_MISSING === null ? 'rows that go by COPY' : `skipped: ${POSTGRES_MISSING}`
/** More than a chunk holds, so that some are at the server before the last is made. */
const ROWS = 20_000

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

  function withTable(work: (connection: PostgresConnection, copy: TableCopy) => void): void {
    const connection = new PostgresConnection(new SyncWire(cluster.wire('public')))
    try {
      connection.request('DROP TABLE IF EXISTS copied')
      connection.request('CREATE TABLE copied (id BIGINT PRIMARY KEY, raw BYTEA)')
      connection.request('BEGIN')
      work(connection, new TableCopy(connection.wire, 'copied', ['id', 'raw']))
    } finally {
      connection.close()
    }
  }

  function put(copy: TableCopy, id: number): void {
    const row = copy.beginRow()
    row.value(id)
    row.value(id % 3 === 0 ? null : Buffer.from([id & 255]))
    copy.sendFull()
  }

  const countIn = (connection: PostgresConnection): number =>
    Number(connection.request('SELECT count(*) FROM copied').rows[0]?.[0])

  it('are there when all of them were sent, whatever their number', () => {
    withTable((connection, copy) => {
      put(copy, -1)
      copy.end()
      for (let id = 0; id < ROWS; id++) put(copy, id)
      expect(copy.isUnderWay).toBe(true)
      copy.end()
      connection.request('COMMIT')
      expect(countIn(connection)).toBe(ROWS + 1)
      const { rows } = connection.request('SELECT raw FROM copied WHERE id IN (3, 500) ORDER BY id')
      expect(rows.map(([raw]) => raw && Buffer.from(raw as Uint8Array))).toEqual([null, Buffer.from([244])])
    })
  })

  it('come back as the values of one column, in order, and the connection goes on', () => {
    withTable((connection, copy) => {
      for (let id = 0; id < ROWS; id++) put(copy, id)
      copy.end()
      connection.request('COMMIT')
      const sql = 'SELECT raw FROM copied WHERE id >= ? AND id < ? ORDER BY id'
      const wanted = Array.from({ length: ROWS }, (_, id) => id).filter((id) => id % 3 !== 0)
      expect(connection.copyBytes(sql, [0, ROWS])).toEqual(new Uint8Array(wanted.map((id) => id & 255)))
      expect(connection.copyBytes(sql, [-5, 0])).toEqual(new Uint8Array())
      expect(() => connection.copyBytes(sql, [0.5, 1])).toThrow(TypeError)
      expect(() => connection.copyBytes('SELECT raw FROM nothing', [])).toThrow(/nothing/)
      expect(countIn(connection)).toBe(ROWS)
    })
  })

  it('are asked for otherwise from then on where the server does not know such a COPY', () => {
    withTable((connection) => {
      connection.request('COMMIT')
      // What a server says that cannot read the statement.
      expect(connection.copyBytes('SELECT FROM FROM', [])).toBeNull()
      expect(connection.copyBytes('SELECT raw FROM copied', [])).toBeNull()
      connection.request("INSERT INTO copied VALUES (2, '\\x02'), (1, '\\x01')")
      const rows = { column: 'raw', from: 'FROM copied WHERE id < ?', order: 'id' }
      expect(new Statements(connection).bytes(rows, 9)).toEqual(Buffer.from([1, 2]))
      expect(new Statements(connection).bytes(rows, 0)).toBeNull()
    })
  })

  it('are forgotten when they are given up on their way, and the connection goes on', () => {
    withTable((connection, copy) => {
      for (let id = 0; id < ROWS; id++) put(copy, id)
      copy.abort()
      expect(copy.isUnderWay).toBe(false)
      connection.request('ROLLBACK')
      expect(countIn(connection)).toBe(0)
    })
  })

  it('are refused as a whole where one of them is, and the connection goes on', () => {
    withTable((connection, copy) => {
      put(copy, 1)
      for (let id = 0; id < ROWS; id++) put(copy, id)
      expect(() => copy.end()).toThrow(expect.objectContaining({ code: '23505' }))
      connection.request('ROLLBACK')
      expect(countIn(connection)).toBe(0)
    })
  })

  it('of the pyramid replace what stands in a place that was said to be free', async () => {
    const store = await openPostgresStore({
      wire: cluster.wire('orphans'),
      spoolFile: `${folder.path}/spool.sqlite`,
      logger: recordingLogger(),
      clock: { now: () => EPOCH },
    })
    // More fields than one chunk of a row has.
    const content = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`field${at}`, at]))
    try {
      await store.append([syntheticMessage({ at: 0, content })])
      const orphan = `level = 0 AND chunk = 1 AND bucket = ${EPOCH / 1_000 + 100}`
      await cluster.admin((client) =>
        client.query(`INSERT INTO orphans.publisher_buckets (part, publisher, level, chunk, bucket, content)
          SELECT part, publisher, 0, 1, bucket + 100, '\\x00' FROM orphans.publisher_buckets
          WHERE level = 0 AND chunk = 1`),
      )
      expect(await store.append([syntheticMessage({ at: 100_000, content })])).toMatchObject({ stored: 1 })
      const { rows } = await cluster.admin((client) =>
        client.query(`SELECT length(content) AS length FROM orphans.publisher_buckets WHERE ${orphan}`),
      )
      expect(rows).toEqual([{ length: expect.toSatisfy((length: number) => length > 1) }])
    } finally {
      await store.close()
    }
  })
})
