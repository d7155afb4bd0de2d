import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { moveHouse } from '../../../electron/commands/store-move.ts'
import { removeOldStores } from '../../../electron/commands/store-remove-old.ts'
import { moveStore } from '../../../electron/node/store/move/move-store.ts'
import { openPostgresStore } from '../../../electron/node/store/postgres/postgres-store.ts'
import type { StoreLocation } from '../../../electron/node/store/reader-connection.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'
import { recordingLogger } from '../../unit/store/store-folder.ts'
import { chainOf, EPOCH, PART, syntheticMessage } from '../../unit/store/synthetic-messages.ts'

const title = POSTGRES_MISSING === null ? 'a store that moves' : `skipped: ${POSTGRES_MISSING}`
const DAY_MS = 86_400_000
const clock = { now: () => EPOCH + DAY_MS }

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let folder: string
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    folder = mkdtempSync(join(tmpdir(), 'tidemark-move-'))
  })
  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const openFile = (file: string) => openSqliteStore({ file, logger: recordingLogger(), clock })
  const never = new AbortController().signal

  /** All that a store shows of its messages. */
  async function shown(store: EngineStore): Promise<unknown> {
    const messages: unknown[] = []
    const verdicts = ['verified', 'pending', 'unauthorised', 'forged'] as const
    for await (const page of store.query({ part: PART, verdicts })) messages.push(...page)
    return {
      messages,
      statistics: await store.statistics(),
      gaps: await store.gaps(PART, 100),
      fields: await store.fields(PART),
      fingerprints: await store.fingerprints(PART, 60_000, EPOCH, EPOCH + DAY_MS),
      timeline: await store.timeline(PART, EPOCH, EPOCH + DAY_MS, 100),
      retention: await store.retention(PART),
      keys: await store.contentKeys(),
    }
  }

  it('goes to a server and back, goes on after an interruption, and shows the same everywhere', async () => {
    const file = join(folder, 'first.sqlite')
    const first = await openFile(file)
    const chain = chainOf(3_000, { publisher: 1 })
    await first.append([
      ...chain.filter((_, at) => at % 100 !== 50),
      syntheticMessage({ publisher: 2, at: 7, verdict: 'forged' }),
      syntheticMessage({ publisher: 3, at: 8, verdict: 'pending' }),
    ])
    await first.setRetention(PART, { maxAgeMs: 400 * DAY_MS, maxBytes: null })
    const expected = await shown(first)
    await first.close()

    const server: StoreLocation = { engine: 'postgres', wire: cluster.wire('moved') }
    const stopping = new AbortController()
    const interrupted = moveStore({
      from: { engine: 'sqlite', file },
      to: server,
      onProgress: ({ stage, done }) => {
        if (stage === 'copy' && done > 1_000) stopping.abort()
      },
      signal: stopping.signal,
    })
    await expect(interrupted).rejects.toMatchObject({ code: 'aborted' })
    const seen: number[] = []
    const compared = await moveStore({
      from: { engine: 'sqlite', file },
      to: server,
      onProgress: ({ stage, done }) => {
        if (stage === 'copy') seen.push(done)
      },
      signal: never,
    })
    expect(compared.differences).toEqual([])
    expect(compared.messages).toBe(2_971)
    expect(seen[0]).toBeGreaterThan(1_000)

    const spoolFile = join(folder, 'spool.sqlite')
    const second = await openPostgresStore({
      wire: cluster.wire('moved'),
      spoolFile,
      logger: recordingLogger(),
      clock,
    })
    expect(await shown(second)).toEqual(expected)
    // What comes later is numbered behind what was copied.
    const later = syntheticMessage({ publisher: 9, at: 4_000_000 })
    expect(await second.append([later])).toMatchObject({ stored: 1 })
    const more = await shown(second)
    await second.close()

    const back = join(folder, 'back.sqlite')
    await moveStore({
      from: server,
      to: { engine: 'sqlite', file: back },
      onProgress: () => undefined,
      signal: never,
    })
    const third = await openFile(back)
    expect(await shown(third)).toEqual(more)
    await third.close()
  })

  it('is not switched when what was copied differs, and never mixes with what is there already', async () => {
    const file = join(folder, 'other.sqlite')
    const store = await openFile(file)
    await store.append(chainOf(300, { publisher: 1 }))
    await store.close()
    const from: StoreLocation = { engine: 'sqlite', file }
    const to: StoreLocation = { engine: 'postgres', wire: cluster.wire('tampered') }
    const stopping = new AbortController()
    const copied = moveStore({
      from,
      to,
      onProgress: ({ stage }) => {
        if (stage === 'compare') stopping.abort()
      },
      signal: stopping.signal,
    })
    await copied.catch(() => undefined)
    await cluster.admin((client) =>
      client.query(
        `UPDATE tampered.messages SET digest = sha256(digest) WHERE timestamp = (SELECT min(timestamp) FROM tampered.messages)`,
      ),
    )
    const again = moveStore({ from, to, onProgress: () => undefined, signal: never })
    await expect(again).rejects.toThrow(`${PART} differs on`)
    const occupied: StoreLocation = { engine: 'postgres', wire: cluster.wire('moved') }
    await expect(
      moveStore({ from, to: occupied, onProgress: () => undefined, signal: never }),
    ).rejects.toMatchObject({ code: 'database-unsuitable' })
  })

  it('is known by what moves left behind, which goes when the user says so, and not while somebody needs it', async () => {
    const dataDir = mkdtempSync(join(folder, 'node-'))
    const file = join(dataDir, 'tidemark.sqlite')
    const store = await openFile(file)
    await store.append(chainOf(300, { publisher: 1 }))
    await store.close()
    const { user, host, port, database, password } = cluster.wire('house')
    const address = `postgresql://${user}@${host}:${port}/${database}?sslmode=disable&schema=house`
    const said: string[] = []
    const output = new Writable({
      write(chunk, _encoding, done) {
        said.push(String(chunk))
        done()
      },
    })
    const withPassword = <T>(work: () => Promise<T>): Promise<T> => {
      process.env.TIDEMARK_DATABASE_PASSWORD = password ?? ''
      return work()
    }
    const move = (to: string) =>
      withPassword(() => moveHouse({ dataDir, to, output, progress: output, signal: never }))
    const removeOld = (isConfirmed: boolean) => removeOldStores({ dataDir, isConfirmed, output })
    const tables = () =>
      cluster.admin(
        async (client) =>
          (await client.query(`SELECT 1 FROM information_schema.tables WHERE table_schema = 'house'`)).rows
            .length,
      )

    expect(await removeOld(true)).toBe(true)
    await move(address)
    expect(await removeOld(false)).toBe(false)
    expect(said.join('')).toContain(`would be removed: ${file}`)
    expect(existsSync(file)).toBe(true)

    await move('sqlite')
    await cluster.admin((client) =>
      client.query('CREATE VIEW public.mine AS SELECT part FROM house.messages'),
    )
    await expect(removeOld(true)).rejects.toMatchObject({ code: 'database-unsuitable' })
    await cluster.admin((client) => client.query('DROP VIEW public.mine'))
    const lease = (until: string) =>
      cluster.admin((client) =>
        client.query(
          `INSERT INTO house.leases (name, holder, until) VALUES ('housekeeping', 'another', ${until})
           ON CONFLICT (name) DO UPDATE SET until = excluded.until`,
        ),
      )
    await lease('9000000000000')
    await expect(removeOld(true)).rejects.toMatchObject({ code: 'busy' })
    expect(await tables()).toBeGreaterThan(10)
    await lease('0')
    expect(await removeOld(true)).toBe(true)
    expect(await tables()).toBe(0)
    // What is used stays; of what was in its way nothing is left.
    expect(readdirSync(dataDir).filter((name) => name.startsWith('tidemark.'))).toEqual(['tidemark.sqlite'])
    expect(said.join('')).not.toContain(password)
    expect(await removeOld(true)).toBe(true)
    expect(said.at(-1)).toContain('There is no old store')
  })
})
