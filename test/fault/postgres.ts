import { mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openPostgresStore } from '../../electron/node/store/postgres/postgres-store.ts'
import type { EngineStore } from '../../electron/node/store/store-front.ts'
import { quietLogger } from '../bench/quiet-logger.ts'
import { POSTGRES_MISSING, type PostgresCluster, startPostgresCluster } from '../support/postgres-cluster.ts'
import { checkDatabase } from './check-database.ts'
import type { FaultReport } from './fault-report.ts'
import { numberedMessages } from './numbered-messages.ts'
import { fillToTheBrim, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const SCHEMA = 'faults'
const FULL_SCHEMA = 'full_disk'
const BATCH = 200
/** Messages that have to be on this machine's disk before the server is brought back. */
const SPOOLED = 1_000

export interface PostgresFaultOptions {
  /** Faults: a kill -9 of the server, then a stop by signal, and so on. */
  times: number
  /** How long the server is stopped at least, ms. */
  stopMs: number
}

/**
 * `npm run fault -- postgres [--times N]`: while messages come in, the server is killed and stopped for a minute in
 * turn, and at last its disk is filled to the brim.
 */
export function run(times = 2): Promise<FaultReport> {
  return runPostgresFaults({ times, stopMs: 60_000 })
}

export async function runPostgresFaults({ times, stopMs }: PostgresFaultOptions): Promise<FaultReport> {
  const report: FaultReport = { tried: 0, acknowledged: 0, lost: 0, failures: 0, notes: [] }
  if (POSTGRES_MISSING !== null) return { ...report, failures: 1, notes: [`skipped: ${POSTGRES_MISSING}`] }
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-fault-'))
  const cluster = await startPostgresCluster({ fsync: true })
  try {
    await underIngest({ cluster, folder, schema: SCHEMA, report }, async (store, ingest) => {
      for (let fault = 0; fault < times; fault++) {
        const before = ingest.acknowledged()
        await until(() => ingest.acknowledged() > before + SPOOLED)
        const spooled = await injure(cluster, store, fault % 2 === 0 ? null : stopMs)
        report.tried += 1
        report.notes.push(`${fault % 2 === 0 ? 'kill -9' : 'stop'}: ${spooled} messages were spooled`)
      }
    })
    const disk = await mountSmallDisk(cluster)
    if (disk === null) {
      report.notes.push('skipped: a full disk of the server, because none could be mounted')
      return report
    }
    try {
      // Tables of its own: those of the other faults may be larger than the disk.
      await underIngest({ cluster, folder, schema: FULL_SCHEMA, report }, async (store, ingest) => {
        await until(() => ingest.acknowledged() > SPOOLED)
        report.notes.push(...(await fillDisk(disk, store)))
        report.tried += 1
      })
    } finally {
      await cluster.kill()
      await disk.unmount()
    }
    return report
  } finally {
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Ground {
  cluster: PostgresCluster
  folder: string
  schema: string
  report: FaultReport
}

/** Has faults happen while messages come in, then counts what became of them. */
async function underIngest(
  { cluster, folder, schema, report }: Ground,
  faults: (store: EngineStore, ingest: ReturnType<typeof startIngest>) => Promise<void>,
): Promise<void> {
  const store = await openPostgresStore({
    wire: cluster.wire(schema),
    spoolFile: join(folder, `${schema}.sqlite`),
    logger: quietLogger,
    clock: Date,
  })
  const ingest = startIngest(store)
  try {
    await faults(store, ingest)
    const acknowledged = await ingest.stop()
    await until(() => store.status().spool?.messages === 0)
    const check = await cluster.admin((client) => checkDatabase(client, schema, acknowledged))
    report.acknowledged += acknowledged
    report.lost += check.lost
    report.failures += check.duplicates + check.faults.length
    report.notes.push(`duplicates: ${check.duplicates}`, ...check.faults)
  } finally {
    await ingest.stop()
    await store.close()
  }
}

/** Fills the disk of the tables until messages wait, and makes room again. @returns what was seen */
async function fillDisk({ path }: SmallDisk, store: EngineStore): Promise<string[]> {
  const waiting = (): number => store.status().spool?.messages ?? 0
  const ballast = join(path, 'ballast')
  await fillToTheBrim(ballast)
  await until(() => waiting() > SPOOLED)
  const said = store.status().problem?.code
  const spooled = waiting()
  await rm(ballast)
  await until(() => waiting() === 0)
  const note = `full disk: ${spooled} messages were spooled`
  return said === 'disk-full' ? [note] : [note, `a full disk of the server is called ${said}`]
}

/** Takes the server away until messages wait, and brings it back. @returns how many waited at most */
async function injure(cluster: PostgresCluster, store: EngineStore, stopMs: number | null): Promise<number> {
  const waiting = (): number => store.status().spool?.messages ?? 0
  if (stopMs === null) await cluster.kill()
  else cluster.signal('SIGSTOP')
  await Promise.all([until(() => waiting() > SPOOLED), delay(stopMs ?? 0)])
  const spooled = waiting()
  if (stopMs === null) await cluster.start()
  else cluster.signal('SIGCONT')
  await until(() => waiting() === 0)
  return spooled
}

/** Appends numbered messages one batch after the other; each counts once it is acknowledged. */
function startIngest(store: EngineStore): { acknowledged(): number; stop(): Promise<number> } {
  let acknowledged = 0
  let isStopped = false
  const run = async (): Promise<number> => {
    while (!isStopped) {
      await store.append(numberedMessages(acknowledged, BATCH))
      acknowledged += BATCH
      // As messages of a network come: not as fast as the disk of this machine takes them.
      await delay(10)
    }
    return acknowledged
  }
  const running = run()
  running.catch(() => undefined)
  return {
    acknowledged: () => acknowledged,
    stop: () => {
      isStopped = true
      return running
    },
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20)
}
