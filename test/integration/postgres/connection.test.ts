import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testConnection } from '../../../electron/node/postgres/connection-test.ts'
import { createPostgresPool } from '../../../electron/node/postgres/postgres-pool.ts'
import type { PostgresTarget } from '../../../electron/node/postgres/postgres-target.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger } from '../../unit/store/store-folder.ts'

const title =
  POSTGRES_MISSING === null ? 'connections to a PostgreSQL server' : `skipped: ${POSTGRES_MISSING}`

async function failureOf(target: PostgresTarget): Promise<Error & { code: string }> {
  return testConnection(target).then(
    () => expect.unreachable('the test found nothing wrong'),
    (error: Error & { code: string }) => error,
  )
}

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let certificates: string
  beforeAll(async () => {
    certificates = mkdtempSync(join(tmpdir(), 'tidemark-certificates-'))
    const made = ['-keyout', join(certificates, 'key.pem'), '-out', join(certificates, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...made],
        ...['-days', '2', '-subj', '/CN=tidemark test', '-addext', 'subjectAltName=DNS:localhost'],
      ],
      { stdio: 'ignore' },
    )
    cluster = await startPostgresCluster({ certificates })
    await cluster.admin(async (client) => {
      await client.query(`
        CREATE ROLE reader LOGIN PASSWORD 'reader';
        CREATE ROLE standby LOGIN PASSWORD 'standby';
        ALTER ROLE standby SET default_transaction_read_only = on;
        CREATE SCHEMA owned;
        -- Found before those of the server: one of long ago, and one whose clock is an hour ahead.
        CREATE SCHEMA old;
        CREATE FUNCTION old.current_setting(name TEXT) RETURNS TEXT LANGUAGE SQL AS
          $$ SELECT CASE name WHEN 'server_version_num' THEN '90624' ELSE pg_catalog.current_setting(name) END $$;
        CREATE FUNCTION old.clock_timestamp() RETURNS TIMESTAMPTZ LANGUAGE SQL AS
          $$ SELECT pg_catalog.clock_timestamp() + INTERVAL '1 hour' $$;
        CREATE ROLE ancient LOGIN PASSWORD 'ancient';
        ALTER ROLE ancient SET search_path = old, pg_catalog;
        GRANT CREATE ON DATABASE postgres TO ancient, standby;
        GRANT USAGE ON SCHEMA old TO ancient`)
    })
  })
  afterAll(async () => {
    await cluster?.stop()
    rmSync(certificates, { recursive: true, force: true })
  })

  it('a server that will do is told with its version, and left as it was', async () => {
    const report = await testConnection(cluster.wire('fresh'))
    expect(report).toMatchObject({ isEncrypted: false, parts: null, problems: [] })
    expect(report.version).toMatch(/^\d+/)
    expect(Math.abs(report.clockAheadMs)).toBeLessThan(5_000)
    const schemas = await cluster.admin((client) =>
      client.query(`SELECT 1 FROM information_schema.schemata WHERE schema_name = 'fresh'`),
    )
    expect(schemas.rows).toEqual([])
  })

  it('a wrong password, an unknown user and an unknown database are refused logins, without the secret', async () => {
    const wrong = [{ password: 'hunter2' }, { user: 'nobody here' }, { database: 'nowhere' }]
    for (const changes of wrong) {
      const error = await failureOf(cluster.wire('fresh', changes))
      expect(error.code).toBe('database-login-refused')
      expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('hunter2')
    }
  })

  it('a port where nobody listens is unreachable, and so is a server that hangs after it took the connection', async () => {
    const taken: Socket[] = []
    const silent = createServer((socket) => taken.push(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    const hanging = failureOf(cluster.wire('fresh', { port }))
    await expect(failureOf(cluster.wire('fresh', { port: 1 }))).resolves.toMatchObject({
      code: 'database-unreachable',
    })
    await expect(hanging).resolves.toMatchObject({ code: 'database-unreachable' })
    for (const socket of taken) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })

  it('a user without rights, a read-only server, an old one and a clock that is off are told, each with a remedy', async () => {
    const problemsOf = async (name: string, schema: string) =>
      (await testConnection(cluster.wire(schema, { user: name, password: name }))).problems
    expect(await problemsOf('reader', 'fresh')).toMatchObject([{ code: 'database-no-rights' }])
    expect(await problemsOf('reader', 'owned')).toMatchObject([{ code: 'database-no-rights' }])
    expect(await problemsOf('standby', 'fresh')).toMatchObject([{ code: 'database-read-only' }])
    const ofAncient = await problemsOf('ancient', 'fresh')
    expect(ofAncient.map(({ message }) => message)).toEqual([
      expect.stringContaining('too old (version 90624)'),
      expect.stringMatching(/clock of the server is 3\d\d\d s ahead/),
    ])
  })

  it('encryption proves the server’s name where that is asked for', async () => {
    const ca = readFileSync(join(certificates, 'cert.pem'), 'utf8')
    const by = (changes: Partial<PostgresTarget>) => cluster.wire('fresh', { host: 'localhost', ...changes })
    expect(await testConnection(by({ tls: 'verify', ca }))).toMatchObject({ isEncrypted: true, problems: [] })
    expect(await testConnection(by({ tls: 'require' }))).toMatchObject({ isEncrypted: true })
    const notOurs = [by({ tls: 'verify' }), by({ tls: 'verify', ca, host: '127.0.0.1' })]
    for (const target of notOurs) {
      const error = await failureOf(target)
      expect(error.message).toBe('The database server could not prove who it is.')
    }
  })

  it('a pool lends its connections, gives back what was undone, and speaks in words of a user', async () => {
    const logger = recordingLogger()
    const pool = createPostgresPool({ target: cluster.wire('owned'), size: 2, logger })
    try {
      await pool.query('CREATE TABLE kept (id INT PRIMARY KEY)')
      const twice = pool.transaction(async (client) => {
        await client.query('INSERT INTO kept VALUES (1)')
        throw new Error('changed my mind')
      })
      await expect(twice).rejects.toBeInstanceOf(Error)
      expect((await pool.query('SELECT count(*) FROM kept')).rows).toEqual([{ count: '0' }])
      await expect(pool.query('SELECT * FROM not_there')).rejects.toMatchObject({
        code: 'database-unsuitable',
      })
      const many = Array.from({ length: 8 }, (_, at) => pool.query('INSERT INTO kept VALUES ($1)', [at]))
      await Promise.all(many)
      expect((await pool.query('SELECT count(*) FROM kept')).rows).toEqual([{ count: '8' }])
    } finally {
      await pool.close()
    }
  })
})
