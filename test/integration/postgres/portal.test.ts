import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PortalProcess, startPortal } from '../../support/portal-process.ts'
import {
  POSTGRES_MISSING,
  type PostgresCluster,
  startPostgresCluster,
} from '../../support/postgres-cluster.ts'

const title = POSTGRES_MISSING === null ? 'a portal on a PostgreSQL server' : `skipped: ${POSTGRES_MISSING}`
const DEADLINE_MS = 90_000

describe.skipIf(POSTGRES_MISSING !== null)(title, () => {
  let cluster: PostgresCluster
  let folder: string
  const portals: PortalProcess[] = []
  beforeAll(async () => {
    cluster = await startPostgresCluster()
    folder = mkdtempSync(join(tmpdir(), 'tidemark-portal-'))
  })
  afterAll(async () => {
    for (const portal of portals) await portal.kill()
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('stores there, starts and keeps what comes while it is away, and never shows the password', async () => {
    const dataDir = join(folder, 'data')
    const { user, host, port, database, password } = cluster.wire('portal')
    const address = `postgresql://${user}@${host}:${port}/${database}?sslmode=disable&schema=portal`
    const first = await startPortal(dataDir, folder, ['--database', address], {
      TIDEMARK_DATABASE_PASSWORD: password ?? '',
    })
    portals.push(first)
    const stored = await first.healthUntil(({ messages }) => messages.verified > 0, DEADLINE_MS)
    expect(stored.store).toEqual({ engine: 'postgres', spooled: 0 })
    expect(readdirSync(dataDir)).not.toContain('tidemark.sqlite')
    expect(statSync(join(dataDir, 'database-password.json')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(dataDir, 'config.json'), 'utf8')).not.toContain(password)

    await cluster.kill()
    const away = await first.healthUntil(({ store }) => store.spooled > 0, DEADLINE_MS)
    expect(away.status).toBe('degraded')
    expect(await first.stop(), first.log()).toBe(0)

    // What waits outlives the process, and a start does not wait for the server.
    const second = await startPortal(dataDir, folder)
    portals.push(second)
    const still = await second.healthUntil(({ store }) => store.spooled > away.store.spooled, DEADLINE_MS)
    expect(still.status).toBe('degraded')
    await cluster.start()
    const back = await second.healthUntil(
      ({ store, messages }) => store.spooled === 0 && messages.verified > stored.messages.verified,
      DEADLINE_MS,
    )
    expect(back.messages.stored).toBeGreaterThan(stored.messages.stored)
    expect(await second.stop(), second.log()).toBe(0)
    for (const portal of portals) expect(portal.log()).not.toContain(password)
  })
})
