import { readFileSync } from 'node:fs'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import { VERDICT_REASONS, VERDICTS } from '../../../shared/verdict.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger } from '../../unit/store/store-folder.ts'
import { EPOCH, syntheticMessage } from '../../unit/store/synthetic-messages.ts'
import { openDesk, type SinkDesk } from './sink-harness.ts'

const title =
  POSTGRES_MISSING === null ? 'what analysts read' : `what analysts read, skipped: ${POSTGRES_MISSING}`
const OWNER = '0x00000000000000000000000000000000000000aa'
const READER_PASSWORD = 'only reads'

/** Statements of a file of SQL, without its comments. */
function statementsOf(file: string): string[] {
  return readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

interface Dashboard {
  templating: { list: { name: string; type: string; query: string }[] }
  panels: { title: string; targets: { rawSql: string }[] }[]
}

/** What Grafana makes of a query before it sends it. */
function expand(sql: string, variables: Record<string, string>): string {
  return sql
    .replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? `unknown variable ${name}`)
    .replace(/\$__timeGroup\((\w+), \$__interval\)/g, 'floor(extract(epoch FROM $1) / 60) * 60')
    .replace(/\$__timeFilter\((\w+)\)/g, `$1 BETWEEN '2026-01-01T00:00:00Z' AND '2027-01-01T00:00:00Z'`)
}

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let desk: SinkDesk
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    desk = await openDesk({ cluster, schema: 'telemetry' })
    const machine = { cpu: { total: 12 }, load: { m1: 0.5 } }
    const chain = { block: { interval: 2, height: 7 } }
    const from = (name: string, content: object, count: number) =>
      Array.from({ length: count }, (_, at) =>
        syntheticMessage({ streamId: `${OWNER}/tidemark/${name}`, at: at * 1_000, content }),
      )
    await desk.append([...from('machine', machine, 60), ...from('chain', chain, 30)])
    await desk.sinks().makeReaderRole('reader')
    for (const name of ['machine', 'chain']) {
      await desk.sinks().add({ part: `${OWNER}/tidemark/${name}#0`, types: [] })
      await desk.settled(name)
    }
    await cluster.admin((client) => client.query(`ALTER ROLE reader PASSWORD '${READER_PASSWORD}'`))
  })
  afterAll(async () => {
    await desk?.dispose()
    await cluster?.stop()
  })

  async function asReader<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { host, port, database } = cluster.wire('telemetry')
    const client = new Client({ host, port, database, user: 'reader', password: READER_PASSWORD })
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  it('is open to a role that can read the views, of later sinks as well, and nothing else', async () => {
    const refused = (sql: string) =>
      asReader((client) => client.query(sql)).then(
        () => 'done',
        (error: { code: string }) => error.code,
      )
    expect(await asReader((client) => client.query('SELECT count(*) FROM machine'))).toMatchObject({
      rows: [{ count: '60' }],
    })
    expect(await refused('SELECT * FROM telemetry.machine')).toBe('42501')
    expect(await refused('SELECT * FROM telemetry.tidemark_sinks')).toBe('42501')
    expect(
      await refused('SET default_transaction_read_only = off; DELETE FROM telemetry_views.machine'),
    ).toBe('42501')
    expect(await refused('CREATE TABLE mine (id integer)')).toBe('25006')
  })

  it.each(statementsOf('resources/sql/sink-examples.sql').map((sql, at) => [at + 1, sql] as const))(
    'example %i works as it stands',
    async (_, sql) => {
      const { rows } = await asReader((client) => client.query(sql))
      expect(Array.isArray(rows)).toBe(true)
    },
  )

  it('answers every query of the dashboard', async () => {
    const dashboard = JSON.parse(
      readFileSync(new URL('../../../resources/grafana/tidemark-sinks.json', import.meta.url), 'utf8'),
    ) as Dashboard
    const variables: Record<string, string> = { schema: 'telemetry', sink: 'machine', column: 'cpu_total' }
    for (const { name, type, query } of dashboard.templating.list) {
      if (type !== 'query') continue
      const { rows } = await asReader((client) => client.query(expand(query, variables)))
      expect(rows.flatMap((row) => Object.values(row))).toContain(variables[name])
    }
    for (const { title, targets } of dashboard.panels) {
      for (const { rawSql } of targets) {
        const { rows } = await asReader((client) => client.query(expand(rawSql, variables)))
        expect(rows.length, title).toBeGreaterThan(0)
      }
    }
  })

  it('has views over the tables of a store that is kept in PostgreSQL', async () => {
    const store = await openPostgresStore({
      wire: cluster.wire('tidemark'),
      spoolFile: `${desk.folder}/spool.sqlite`,
      logger: recordingLogger(),
      clock: { now: () => EPOCH + 3_600_000 },
    })
    try {
      await store.append([syntheticMessage({ at: 5 }), syntheticMessage({ at: 9, verdict: 'unauthorised' })])
    } finally {
      await store.close()
    }
    await cluster.admin(async (client) => {
      for (const sql of statementsOf('resources/sql/store-views.sql')) await client.query(sql)
      const { rows } = await client.query('SELECT * FROM tidemark_views.messages ORDER BY time')
      expect(rows).toMatchObject([
        { time: new Date(EPOCH + 5), verdict: 'verified', reason: 'signed-and-permitted', encrypted: false },
        { time: new Date(EPOCH + 9), verdict: 'unauthorised', reason: 'no-publish-permission' },
      ])
      for (const view of ['streams', 'gaps', 'dropped'])
        await client.query(`SELECT * FROM tidemark_views.${view}`)
    })
    const text = statementsOf('resources/sql/store-views.sql').join('\n')
    const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')
    expect(text.replace(/\s+/g, ' ')).toContain(`ARRAY[${list(VERDICT_REASONS)}]`)
    expect(text).toContain(`ARRAY[${list(VERDICTS)}]`)
  })
})
