import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SinkView } from '../../../shared/sink.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { encryptedMessage, newKey, PUBLISHER } from '../../unit/content-keys/encrypted-messages.ts'
import { chainOf, PART, syntheticMessage } from '../../unit/store/synthetic-messages.ts'
import {
  expectSame as expectTable,
  openDesk,
  readTable,
  type SinkDesk,
  serverOf,
  writtenDigests,
} from './sink-harness.ts'

const title =
  POSTGRES_MISSING === null
    ? 'sinks against the odds'
    : `sinks against the odds, skipped: ${POSTGRES_MISSING}`

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let desk: SinkDesk
  let schemas = 0
  let schema = ''
  beforeAll(async () => {
    cluster = await startPostgresCluster()
  })
  afterAll(() => cluster?.stop())
  afterEach(() => desk?.dispose())

  async function open(options: Partial<Parameters<typeof openDesk>[0]> = {}): Promise<SinkDesk> {
    schemas += 1
    schema = `faults_${schemas}`
    desk = await openDesk({ cluster, schema, ...options })
    return desk
  }

  const add = () => desk.sinks().add({ part: PART, types: [] })

  const expectSame = () => expectTable(desk, { cluster, schema, part: PART })

  function waiting(code: string): Promise<SinkView> {
    return vi.waitFor(
      async () => {
        const view = await desk.view('telemetry')
        expect(view).toMatchObject({ state: 'waiting', problem: { code } })
        return view
      },
      { timeout: 60_000, interval: 20 },
    )
  }

  it('keeps every value of hostile content, in its column or beside it, under a name of its own', async () => {
    await open()
    const long = 'n'.repeat(300)
    const content = {
      temp: 1,
      Temp: 2,
      TEMP: 3,
      '"; DROP TABLE telemetry; --': 4,
      [long]: 5,
      tm_verdict: 'forged',
      select: true,
      __proto__key: 6,
      'nul\0key': 'a\0b',
      half: '\ud800',
      ü: 'ü',
    }
    await desk.append([
      syntheticMessage({ at: 0, content }),
      syntheticMessage({ at: 1, content: { temp: 'hot', Temp: false, select: 1 } }),
      syntheticMessage({ at: 2, content: { temp: null, big: 1.5e19 } }),
      syntheticMessage({ at: 3, verdict: 'unauthorised', content: { intruder: 1, temp: 9 } }),
    ])
    await add()
    const view = await expectSame()
    expect(view.unfit).toBe(6)
    const rows = await readTable(cluster, schema, 'telemetry')
    const columns = await cluster.admin(async (client) => {
      const { rows } = await client.query(`SELECT path, column_name FROM ${schema}.tidemark_sink_columns`)
      return new Map(rows.map((row) => [row.path as string, row.column_name as string]))
    })
    const valueAt = (at: number, path: string) => rows[at]?.[columns.get(path) ?? 'none']
    expect([valueAt(0, 'temp'), valueAt(0, 'Temp'), valueAt(0, 'TEMP')]).toEqual([1, 2, 3])
    expect(valueAt(0, '"; DROP TABLE telemetry; --')).toBe(4)
    expect(valueAt(0, long)).toBe(5)
    expect(valueAt(0, 'tm_verdict')).toBe('forged')
    expect(rows[0]).toMatchObject({
      tm_verdict: 'verified',
      select_: true,
      tm_rest: { 'nul\\u0000key': { utf16: '006100000062' }, half: { utf16: 'd800' } },
    })
    expect(rows[1]?.tm_rest).toEqual({ temp: 'hot', Temp: false, select: 1 })
    expect(rows[2]?.big).toBe(1.5e19)
    expect(columns.has('intruder')).toBe(false)
    expect(rows[3]).toMatchObject({ tm_verdict: 'unauthorised', temp: 9, tm_rest: { intruder: 1 } })
  })

  it('refuses a table of the same name that is not its own, and one that somebody has changed, and touches neither', async () => {
    await open()
    await desk.append(chainOf(10))
    const query = (sql: string) => cluster.admin((client) => client.query(sql))
    await query(`CREATE SCHEMA ${schema}`)
    await query(`CREATE TABLE ${schema}.telemetry (id integer)`)
    await add()
    const refused = await waiting('database-unsuitable')
    expect(refused.problem?.message).toContain('was not made by a sink')
    expect((await query(`SELECT * FROM ${schema}.telemetry`)).fields).toHaveLength(1)
    await query(`ALTER TABLE ${schema}.telemetry RENAME TO mine`)
    await expectSame()
    await desk.sinks().pause('telemetry')
    await query(`DROP SCHEMA ${schema}_views CASCADE`)
    await query(`ALTER TABLE ${schema}.telemetry ALTER COLUMN value TYPE text`)
    await desk.sinks().resume('telemetry')
    expect((await waiting('database-unsuitable')).problem?.message).toContain('“value” is of the type text')
    await query(
      `ALTER TABLE ${schema}.telemetry ALTER COLUMN value TYPE double precision USING value::double precision`,
    )
    await expectSame()
    const other = { part: '0xabc/other#0', table: 'mine', types: [] }
    await expect(desk.sinks().add({ ...other, table: 'telemetry' })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })

  it('says what keeps it from writing, and goes on by itself when that is over', async () => {
    await open()
    await desk.append(chainOf(20))
    const { server, password } = serverOf(cluster, schema)
    await desk.sinks().setDatabase({ server, password: 'wrong' })
    await add()
    await waiting('database-login-refused')
    await expect(desk.sinks().test({ server, password: 'wrong' })).rejects.toMatchObject({
      code: 'database-login-refused',
    })
    const admin = (sql: string) => cluster.admin((client) => client.query(sql))
    await admin(`CREATE ROLE limited_${schema} LOGIN PASSWORD 'limited'`)
    await desk.sinks().setDatabase({ server: { ...server, user: `limited_${schema}` }, password: 'limited' })
    await waiting('database-no-rights')
    await admin(`ALTER ROLE limited_${schema} SET default_transaction_read_only = on`)
    await admin(`GRANT CREATE ON DATABASE postgres TO limited_${schema}`)
    await desk.sinks().setDatabase({ server: { ...server, user: `limited_${schema}` }, password: 'limited' })
    await waiting('database-read-only')
    await desk.sinks().setDatabase({ server, password })
    await expectSame()
  })

  it('opens content whose key comes late, also while nobody listens', async () => {
    const key = newKey('k1')
    const later = newKey('k2')
    const known = new Map<string, Uint8Array>()
    await open({ findKey: (publisher, id) => (publisher === PUBLISHER ? known.get(id) : undefined) })
    await desk.append([
      encryptedMessage(PART, { at: 1_000, key, content: { secret: 41 } }),
      encryptedMessage(PART, { at: 90_000, key: later, content: { secret: 42 } }),
    ])
    await add()
    await expectSame()
    const read = async () =>
      (
        await readTable(
          cluster,
          schema,
          'telemetry',
          'to_jsonb(telemetry) AS row, tm_time, tm_sequence, tm_id',
        )
      ).map(({ row }) => {
        const { secret = null, tm_closed_key } = row as Record<string, unknown>
        return { secret, tm_closed_key }
      })
    expect(await read()).toEqual([
      { secret: null, tm_closed_key: 'k1' },
      { secret: null, tm_closed_key: 'k2' },
    ])
    known.set('k1', key.data)
    const spans = { firstTimestamp: 0, lastTimestamp: Number.MAX_SAFE_INTEGER }
    const record = { publisher: PUBLISHER, id: 'k1', part: PART, key: key.data, ...spans }
    const { id } = encryptedMessage(PART, { at: 1_000, key, content: {} })
    await desk.store.openContents([record], [{ part: PART, publisher: PUBLISHER, timestamp: id.timestamp }])
    await vi.waitFor(
      async () => expect((await read())[0]).toEqual({ secret: 41, tm_closed_key: null }),
      30_000,
    )
    await desk.stopSinks()
    known.set('k2', later.data)
    await desk.startSinks()
    await desk.settled('telemetry')
    expect((await read())[1]).toEqual({ secret: 42, tm_closed_key: null })
  })

  it('shares a table with another node, without a row too many or too few', async () => {
    await open()
    const other = await openDesk({ cluster, schema })
    try {
      const all = chainOf(4_000, { at: 0 })
      await desk.append(all.slice(0, 3_000))
      await other.append(all.slice(1_000))
      await Promise.all([add(), other.sinks().add({ part: PART, types: [] })])
      await Promise.all([desk.settled('telemetry'), other.settled('telemetry')])
      const rows = await writtenDigests(cluster, schema, 'telemetry')
      expect(rows).toEqual(all.map(({ digest }) => `${Buffer.from(digest).toString('hex')} verified`).sort())
    } finally {
      await other.dispose()
    }
  })

  it('loses and repeats nothing when the server is killed while it writes, and comes back', async () => {
    await open()
    await desk.append(chainOf(12_000))
    await add()
    await vi.waitFor(async () => expect((await desk.view('telemetry')).written).toBeGreaterThan(0), 60_000)
    await cluster.kill()
    await desk.append([syntheticMessage({ at: 20_000_000 }), syntheticMessage({ at: 1 })])
    const away = await waiting('database-unreachable')
    expect(away.nextAttemptAt).not.toBeNull()
    await cluster.start()
    expect((await expectSame()).rows).toBe(12_002)
  })

  it('says that it waits while the store’s own server is away, and nobody knows what there is to write', async () => {
    await open({ engine: 'postgres' })
    await desk.append(chainOf(100))
    await add()
    await expectSame()
    await cluster.kill()
    // Kept on this machine's disk: the store tells nobody of it before it is in the database.
    await desk.store.append([syntheticMessage({ at: 20_000_000 })])
    const away = await waiting('database-unreachable')
    expect(away.lagMs).toBeGreaterThanOrEqual(0)
    expect(desk.sinks().problems()).toEqual([])
    await cluster.start()
    expect((await expectSame()).rows).toBe(101)
  })

  it('gives up a server that stops answering, waits, and goes on where it was', async () => {
    await open()
    const { server, password } = serverOf(cluster, schema)
    await desk.sinks().setDatabase({ server: { ...server, statementTimeoutMs: 1_000 }, password })
    await desk.append(chainOf(100))
    await add()
    await expectSame()
    const stopped = await cluster.admin(async (client) => {
      const { rows } = await client.query<{ pid: number }>(
        `SELECT pid FROM pg_stat_activity WHERE application_name = 'tidemark'`,
      )
      return rows.map(({ pid }) => pid)
    })
    const tell = (signal: NodeJS.Signals) => {
      cluster.signal(signal)
      for (const pid of stopped) process.kill(pid, signal)
    }
    tell('SIGSTOP')
    try {
      await desk.append(chainOf(50, { at: 500_000 }))
      await vi.waitFor(async () => expect((await desk.view('telemetry')).lagMs).toBeGreaterThan(500), 60_000)
      await waiting('database-unreachable')
    } finally {
      tell('SIGCONT')
    }
    expect((await expectSame()).rows).toBe(150)
  })
})
