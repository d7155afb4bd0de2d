import { createServer, type Socket } from 'node:net'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import type { WireOptions } from '../../../electron/node/store/postgres/wire-protocol.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'
import { numberedMessages } from '../../fault/numbered-messages.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger, temporaryFolder } from '../../unit/store/store-folder.ts'

/** Has a database say that its server is of long ago, and answer everything else as it is. */
async function makeAncient({ host, port, user, password, database }: WireOptions): Promise<void> {
  const client = new Client({ host, port, user, password: password ?? '', database })
  await client.connect()
  await client.query('SET allow_system_table_mods = on')
  await client.query(
    `ALTER FUNCTION pg_catalog.current_setting(text) RENAME TO true_setting;
     CREATE FUNCTION pg_catalog.current_setting(text) RETURNS text LANGUAGE sql STABLE AS $$
       SELECT CASE $1 WHEN 'server_version_num' THEN '120019'
         ELSE pg_catalog.true_setting($1) END $$`,
  )
  await client.end()
}

const title =
  POSTGRES_MISSING === null ? 'a store on a server that will not do' : `skipped: ${POSTGRES_MISSING}`

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  const folder = temporaryFolder()
  let stores = 0
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    await cluster.admin((client) =>
      client.query(`
        CREATE ROLE reader LOGIN PASSWORD 'reader';
        CREATE ROLE standby LOGIN PASSWORD 'standby';
        ALTER ROLE standby SET default_transaction_read_only = on;
        GRANT CREATE ON DATABASE postgres TO standby;
        CREATE SCHEMA foreigners;
        CREATE TABLE foreigners.parts (id INT PRIMARY KEY, colour TEXT);
        INSERT INTO foreigners.parts VALUES (1, 'green');
        CREATE SCHEMA newer;
        CREATE TABLE newer.store_format (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
        INSERT INTO newer.store_format VALUES (1, 9000)`),
    )
    await cluster.admin((client) => client.query('CREATE DATABASE ancient'))
    await makeAncient(cluster.wire('fresh', { database: 'ancient' }))
  })
  afterAll(async () => {
    await cluster?.stop()
    folder.remove()
  })

  function open(schema: string, changes: Partial<WireOptions> = {}): Promise<EngineStore> {
    stores += 1
    return openPostgresStore({
      wire: cluster.wire(schema, changes),
      spoolFile: `${folder.path}/spool-${stores}.sqlite`,
      logger: recordingLogger(),
      clock: Date,
    })
  }

  const as = (name: string) => ({ user: name, password: name })
  it.each([
    ['a wrong password', 'fresh', { password: 'hunter2' }, 'database-login-refused'],
    ['a database that is not there', 'fresh', { database: 'nowhere' }, 'database-login-refused'],
    ['a user without rights', 'fresh', as('reader'), 'database-no-rights'],
    ['a server that takes no changes', 'fresh', as('standby'), 'database-read-only'],
    ['a server that is too old', 'fresh', { database: 'ancient' }, 'database-unsuitable'],
    ['tables of another program under the same names', 'foreigners', {}, 'database-unsuitable'],
    ['tables of a newer Tidemark', 'newer', {}, 'store-newer-than-code'],
  ] as const)('ends with a sentence and a remedy at %s', async (_, schema, changes, code) => {
    const error = await open(schema, changes).then(
      () => expect.unreachable('it was opened'),
      (refusal: Error & { code: string; remedy: string }) => refusal,
    )
    expect(error).toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
    expect(`${error.message} ${error.remedy}`).not.toContain('hunter2')
  })

  it('leaves what others have there as it was', async () => {
    const { rows } = await cluster.admin((client) => client.query('SELECT * FROM foreigners.parts'))
    expect(rows).toEqual([{ id: 1, colour: 'green' }])
  })

  it('keeps messages here where nobody listens, and where a server takes the connection and then hangs', async () => {
    const taken: Socket[] = []
    const silent = createServer((socket) => taken.push(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as { port: number }
    try {
      for (const nowhere of [1, port]) {
        const store = await open('fresh', { port: nowhere })
        expect(await store.append(numberedMessages(0, 10))).toMatchObject({ spooled: 10, stored: 0 })
        expect(store.status()).toMatchObject({
          problem: { code: 'database-unreachable', message: expect.stringContaining('10 messages') },
          spool: { messages: 10 },
        })
        await store.close()
      }
    } finally {
      for (const socket of taken) socket.destroy()
      await new Promise((resolve) => silent.close(resolve))
    }
  })
})
