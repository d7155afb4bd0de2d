import { readFileSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { chainOf, EPOCH, PART, publisherName, syntheticMessage } from '../../unit/store/synthetic-messages.ts'
import { expectSame as expectTable, openDesk, readTable, type SinkDesk } from './sink-harness.ts'

const title =
  POSTGRES_MISSING === null ? 'sinks into a PostgreSQL server' : `sinks, skipped: ${POSTGRES_MISSING}`

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
    schema = `sinks_${schemas}`
    desk = await openDesk({ cluster, schema, ...options })
    return desk
  }

  const expectSame = () => expectTable(desk, { cluster, schema, part: PART })

  it('writes history and what comes after it, each message once, with typed columns and provenance', async () => {
    const { append, sinks, settled } = await open()
    await append(chainOf(3_000, { content: { load: { avg: 0.5 }, isUp: true, region: 'eu' } }))
    await sinks().add({ part: PART, types: [] })
    expect(await settled('telemetry')).toMatchObject({ rows: 3_000, written: 3_000, columns: 3, unfit: 0 })
    await append(chainOf(500, { at: 4_000_000, publisher: 2, content: { load: { avg: 2 }, temp: -3 } }))
    expect(await settled('telemetry')).toMatchObject({ rows: 3_500, columns: 4 })
    await expectSame()
    const rows = await readTable(cluster, schema, 'telemetry')
    expect(rows[0]).toMatchObject({
      tm_time: new Date(EPOCH),
      tm_publisher: publisherName(1),
      tm_verdict: 'verified',
      load_avg: 0.5,
      is_up: true,
      region: 'eu',
      temp: null,
      tm_rest: null,
    })
    expect(rows.at(-1)).toMatchObject({ load_avg: 2, temp: -3, region: null })
  })

  it('finds what comes late, behind all that was written, and what changed while nobody listened', async () => {
    const { append, sinks, restart, stopSinks, startSinks, store } = await open()
    await append(chainOf(200, { at: 40_000_000 }))
    await sinks().add({ part: PART, types: [] })
    await expectSame()
    await append([syntheticMessage({ at: 5 }), syntheticMessage({ at: 60_000_000 })])
    await expectSame()
    await restart()
    await expectSame()
    expect((await desk.view('telemetry')).written).toBe(0)
    await stopSinks()
    const pending = syntheticMessage({ at: 40_000_500, verdict: 'pending', publisher: 3 })
    await append([pending, ...chainOf(50, { at: 7_000_000, publisher: 4 })])
    await startSinks()
    await expectSame()
    const decide = (verdict: 'verified' | 'unauthorised') =>
      store.decide([{ id: pending.id, digest: pending.digest, verdict, reason: 'no-publish-permission' }])
    await stopSinks()
    await decide('unauthorised')
    await startSinks()
    await expectSame()
    await decide('verified')
    await expectSame()
  })

  it('writes what is stored in PostgreSQL itself, by the same way', { timeout: 240_000 }, async () => {
    const { append, sinks, restart, stopSinks, startSinks } = await open({ engine: 'postgres' })
    await append(chainOf(1_000))
    await sinks().add({ part: PART, types: [] })
    await append(chainOf(300, { at: 2_000_000, publisher: 2 }))
    await expectSame()
    await stopSinks()
    await append([syntheticMessage({ at: 5 }), syntheticMessage({ at: 7, verdict: 'pending' })])
    await startSinks()
    await expectSame()
    await restart()
    expect(await desk.settled('telemetry')).toMatchObject({ rows: 1_302, written: 0, changed: 0 })
  })

  it('is paused, goes on and ends as it is told, leaves its table, and goes on there when it is added again', async () => {
    const { append, sinks, settled } = await open()
    await append(chainOf(100))
    await sinks().add({ part: PART, types: [{ path: 'value', type: 'bigint' }] })
    await settled('telemetry')
    await sinks().pause('telemetry')
    await append(chainOf(100, { at: 200_000 }))
    expect(await desk.view('telemetry')).toMatchObject({ state: 'paused' })
    await desk.restart()
    expect(await desk.view('telemetry')).toMatchObject({ state: 'paused' })
    expect(await readTable(cluster, schema, 'telemetry')).toHaveLength(100)
    await desk.sinks().resume('telemetry')
    await expectSame()
    await desk.sinks().remove('telemetry')
    expect((await desk.sinks().view()).sinks).toEqual([])
    await expect(desk.sinks().pause('telemetry')).rejects.toMatchObject({ code: 'invalid-input' })
    await append(chainOf(50, { at: 400_000 }))
    expect(await readTable(cluster, schema, 'telemetry')).toHaveLength(200)
    await desk.sinks().add({ part: PART, table: 'telemetry', types: [] })
    await expectSame()
    expect((await readTable(cluster, schema, 'telemetry'))[0]?.value).toMatch(/^\d+$/)
  })

  it('keeps its password to itself', async () => {
    const { sinks, folder } = await open()
    const { password } = cluster.wire(schema)
    const view = await sinks().view()
    expect(view).toMatchObject({ hasPassword: true, server: { user: 'tidemark' } })
    expect(JSON.stringify(view)).not.toContain(password)
    expect(readFileSync(`${folder}/sinks.json`, 'utf8')).not.toContain(password)
    expect(statSync(`${folder}/sinks-password.json`).mode & 0o077).toBe(0)
  })
})
