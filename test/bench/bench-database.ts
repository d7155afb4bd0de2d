import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { openPostgresStore } from '../../electron/node/store/postgres/postgres-store.ts'
import type { EngineStore } from '../../electron/node/store/store-front.ts'
import { type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts'
import { quietLogger } from './quiet-logger.ts'

/** A PostgreSQL server of a bench's own, which waits for the disk as one in use does. */
export interface BenchDatabase {
  readonly cluster: PostgresCluster
  openStore(schema: string): Promise<EngineStore>
  /** Rows a second of a bare COPY of the messages of a stretch, into a table of the same shape with the same indexes. */
  copyPerSecond(schema: string, from: number, to: number): Promise<number>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openBenchDatabase(): Promise<BenchDatabase> {
  const cluster = await startPostgresCluster({ fsync: true })
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-spool-'))
  return {
    cluster,
    openStore: (schema) =>
      openPostgresStore({
        wire: cluster.wire(schema),
        spoolFile: join(folder, `${schema}.sqlite`),
        logger: quietLogger,
        clock: Date,
      }),
    copyPerSecond: (schema, from, to) =>
      cluster.admin(async (client) => {
        await client.query(
          `CREATE TABLE IF NOT EXISTS ${schema}.bare (LIKE ${schema}.messages INCLUDING ALL)`,
        )
        const range = `timestamp >= ${Math.floor(from)} AND timestamp < ${Math.floor(to)}`
        const rows = await buffer(
          client.query(
            copyTo(`COPY (SELECT * FROM ${schema}.messages WHERE ${range}) TO STDOUT (FORMAT binary)`),
          ),
        )
        const sink = client.query(copyFrom(`COPY ${schema}.bare FROM STDIN (FORMAT binary)`))
        const start = performance.now()
        sink.end(rows)
        await finished(sink)
        return sink.rowCount / ((performance.now() - start) / 1_000)
      }),
    async [Symbol.asyncDispose]() {
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The value of a flag such as `--engine postgres`. */
export function flagValue(flags: readonly string[], name: string): string | undefined {
  const at = flags.indexOf(name)
  return at === -1 ? undefined : flags[at + 1]
}
