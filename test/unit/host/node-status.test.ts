import { tmpdir } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { createStatusReporter, type NodeStatusSources } from '../../../electron/node/node-status.ts'
import { openSqliteStore, type SqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { NodeStatus } from '../../../shared/node-status.ts'
import { recordingLogger, temporaryFolder } from '../store/store-folder.ts'
import { syntheticMessage } from '../store/synthetic-messages.ts'

const PROBLEM: NodeStatus['problems'][number] = {
  code: 'database-unreachable',
  message: 'The database does not take messages at the moment.',
  remedy: 'It is tried again by itself.',
}
const folder = temporaryFolder()
let store: SqliteStore | null = null
afterEach(async () => {
  await store?.close()
  folder.remove()
})

describe('the health of a node', () => {
  it('never says that all is well beside messages that wait, when the database goes away while it is asked', async () => {
    const open = await openSqliteStore({
      file: `${folder.path}/store.sqlite`,
      logger: recordingLogger(),
      clock: Date,
    })
    store = open
    await open.append([syntheticMessage({ at: 1 })])
    let isAway = false
    const sources: NodeStatusSources = {
      ...{ version: '1', environment: 'local', address: '0x0', dataDir: tmpdir(), databaseFiles: [] },
      ...{ engine: 'postgres', startedAt: 0, clock: Date, peers: () => 0, alertsFiring: () => 0 },
      chain: () => ({ height: 1, lagMs: 0 }) as unknown as NodeStatus['chain'],
      streamr: () => ({ connected: true, neighbours: 1 }),
      problems: () => (isAway ? [PROBLEM] : []),
      store: Object.assign(Object.create(open) as SqliteStore, {
        statistics: async () => {
          const known = await open.statistics()
          isAway = true
          return known
        },
        status: () => ({
          ...open.status(),
          spool: isAway ? { messages: 3, bytes: 3, since: 1 } : null,
        }),
      }),
    }
    const health = await createStatusReporter(sources).health()
    expect(health).toMatchObject({ status: 'degraded', store: { spooled: 3 }, messages: { stored: 1 } })
  })
})
