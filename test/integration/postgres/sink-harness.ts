import { expect, vi } from 'vitest'
import { createFileModeSealer } from '../../../electron/keys/sealer.ts'
import type { VerifiedMessage } from '../../../electron/node/ports.ts'
import type { FindKey } from '../../../electron/node/sink/sink-sync.ts'
import { createSinkRole, type SinkRole } from '../../../electron/node/sink-role.ts'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'
import { type DatabaseServer, databaseServerInput } from '../../../shared/database.ts'
import type { SinkView } from '../../../shared/sink.ts'
import type { PostgresCluster } from '../../support/postgres-cluster.ts'
import { recordingLogger, temporaryFolder } from '../../unit/store/store-folder.ts'
import { EPOCH } from '../../unit/store/synthetic-messages.ts'

/** A store and its sinks, as a node has them, in a folder of their own. */
export interface SinkDesk {
  folder: string
  store: EngineStore
  /** Those of now: `restart` makes new ones. */
  sinks(): SinkRole
  /** Ends the sinks, as the end of the node does, and begins them again from what is on disk. */
  restart(): Promise<void>
  stopSinks(): Promise<void>
  startSinks(): Promise<void>
  append(messages: readonly VerifiedMessage[]): Promise<void>
  view(table: string): Promise<SinkView>
  /** Waits until all that is stored is in the table. */
  settled(table: string): Promise<SinkView>
  dispose(): Promise<void>
}

export interface DeskOptions {
  cluster: PostgresCluster
  schema: string
  findKey?: FindKey
  now?: () => number
  /** Where messages are stored; in a file if left out. */
  engine?: 'sqlite' | 'postgres'
}

export function serverOf(
  cluster: PostgresCluster,
  schema: string,
): { server: DatabaseServer; password: string | null } {
  const { answerTimeoutMs: _, password, ...server } = cluster.wire(schema)
  return { server: databaseServerInput.parse(server), password }
}

export async function openDesk(options: DeskOptions): Promise<SinkDesk> {
  const { cluster, schema, findKey = () => undefined, now = () => EPOCH + 86_400_000 } = options
  const folder = temporaryFolder()
  const logger = recordingLogger()
  const clock = { now }
  const files = { file: `${folder.path}/tidemark.sqlite`, spoolFile: `${folder.path}/spool.sqlite` }
  const store =
    options.engine === 'postgres'
      ? await openPostgresStore({ wire: cluster.wire(`${schema}_store`), ...files, logger, clock })
      : await openSqliteStore({ ...files, logger, clock })
  let sinks: SinkRole | null = null
  let told = 0
  store.onStored((notices) => {
    for (const notice of notices) {
      told += notice.stored
      sinks?.stored(notice)
    }
  })
  const startSinks = async (): Promise<void> => {
    sinks = await createSinkRole({
      ...{ dataDir: folder.path, store, findKey, clock: { now: () => Date.now() }, logger },
      secretBox: createFileModeSealer(),
      isKept: () => true,
    })
    await sinks.start()
  }
  const stopSinks = async (): Promise<void> => {
    const ending = sinks
    sinks = null
    await ending?.stop()
  }
  const current = (): SinkRole => {
    if (sinks === null) throw new Error('the sinks are stopped')
    return sinks
  }
  const view = async (table: string): Promise<SinkView> => {
    const found = current()
      .view()
      .sinks.find((sink) => sink.table === table)
    if (found === undefined) throw new Error(`no sink ${table}`)
    return found
  }
  await startSinks()
  await current().setDatabase(serverOf(cluster, schema))
  return {
    folder: folder.path,
    store,
    sinks: current,
    startSinks,
    stopSinks,
    restart: async () => {
      await stopSinks()
      await startSinks()
    },
    append: async (messages) => {
      const before = told
      let stored = 0
      for (let at = 0; at < messages.length; at += 2_000)
        stored += (await store.append(messages.slice(at, at + 2_000))).stored
      // Who sent a batch is told before those who follow the store.
      await vi.waitFor(() => expect(told).toBeGreaterThanOrEqual(before + stored), { timeout: 60_000 })
    },
    view,
    settled: (table) =>
      vi.waitFor(
        async () => {
          const now = await view(table)
          expect(now).toMatchObject({ state: 'live', lagMs: 0, behind: 0, problem: null })
          return now
        },
        { timeout: 60_000, interval: 20 },
      ),
    dispose: async () => {
      await stopSinks()
      await store.close()
      folder.remove()
    },
  }
}

/** Rows of a table by what tells them apart, in the order of the key. */
export function readTable(
  cluster: PostgresCluster,
  schema: string,
  table: string,
  columns = '*',
): Promise<Record<string, unknown>[]> {
  return cluster.admin(async (client) => {
    const { rows } = await client.query(
      `SELECT ${columns} FROM "${schema}"."${table}" ORDER BY tm_time, tm_sequence, tm_id`,
    )
    return rows
  })
}

/** Waits until the table has what the store has, and no row else, each with its verdict. */
export async function expectSame(
  { store, settled }: SinkDesk,
  { cluster, schema, table = 'telemetry', part }: SinkTable,
): Promise<SinkView> {
  const same = async (): Promise<void> => {
    const written = await writtenDigests(cluster, schema, table)
    expect(written).toEqual(await storedDigests(store, part))
  }
  await vi.waitFor(same, { timeout: 60_000, interval: 50 })
  const view = await settled(table)
  await same()
  return view
}

export interface SinkTable {
  cluster: PostgresCluster
  schema: string
  table?: string
  part: string
}

/** Digests of what the store holds, but for forged messages, with their verdicts. */
export async function storedDigests(store: EngineStore, part: string): Promise<string[]> {
  const found: string[] = []
  for await (const messages of store.query({ part })) {
    for (const { digest, verdict } of messages)
      found.push(`${Buffer.from(digest).toString('hex')} ${verdict}`)
  }
  return found.sort()
}

export async function writtenDigests(
  cluster: PostgresCluster,
  schema: string,
  table: string,
): Promise<string[]> {
  const rows = await readTable(
    cluster,
    schema,
    table,
    `encode(tm_digest, 'hex') || ' ' || tm_verdict AS row, tm_time, tm_sequence, tm_id`,
  )
  return rows.map(({ row }) => String(row)).sort()
}
