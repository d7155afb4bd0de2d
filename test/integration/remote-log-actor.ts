/**
 * One of the actors of `remote-log.test.ts`, in a process of its own: an author, a keeper, or a reader. It is told
 * what to do by messages of its parent and ends when it is killed.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import type { RawMessage } from '../../electron/node/ports.ts'
import { createDatabaseHost } from '../../electron/node/remote-log/database/database.ts'
import {
  CONTENT_STORE_MIGRATIONS,
  createEmbeddedContentStore,
} from '../../electron/node/remote-log/embedded/content-store.ts'
import {
  createEmbeddedNameSystem,
  NAME_SYSTEM_MIGRATIONS,
} from '../../electron/node/remote-log/embedded/name-system.ts'
import type { IpfsNode } from '../../electron/node/remote-log/ipfs/ipfs-node.ts'
import type {
  ContentStore,
  Ingest,
  LogEntry,
  LogSource,
  NameSystem,
} from '../../electron/node/remote-log/ports.ts'
import { logSettingsSchema } from '../../electron/node/remote-log/publisher/layout.ts'
import { createLogPublisher } from '../../electron/node/remote-log/publisher/log-publisher.ts'
import { PUBLISHER_MIGRATIONS } from '../../electron/node/remote-log/publisher/published-log.ts'
import { createLogReader } from '../../electron/node/remote-log/restore/log-reader.ts'
import { RESTORE_MIGRATIONS } from '../../electron/node/remote-log/restore/restored-log.ts'
import {
  createTwirpContentStore,
  createTwirpNameSystem,
} from '../../electron/node/remote-log/twirp/client.ts'
import { startTwirpServer } from '../../electron/node/remote-log/twirp/server.ts'
import { createMemoryIngest } from '../unit/remote-log/memory-ingest.ts'
import { quietLogger } from '../unit/remote-log/quiet-logger.ts'
import { type Backend, digestOf, type Task } from './remote-log-tasks.ts'

const databases = createDatabaseHost()
const clock = { now: Date.now }
let ipfs: IpfsNode | undefined

async function joinIpfs(folder: string, peers: readonly string[]): Promise<IpfsNode> {
  // Loading Helia and libp2p takes a second, which the actors of the other backends need not wait for.
  const { IPFS_MIGRATIONS, startIpfsNode } = await import('../../electron/node/remote-log/ipfs/ipfs-node.ts')
  const { createHostOptions } = await import('../../electron/node/remote-log/ipfs/host-options.ts')
  const database = await databases.open(join(folder, 'ipfs.db'), IPFS_MIGRATIONS)
  const libp2p = createHostOptions({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  ipfs = await startIpfsNode({ database, libp2p, logger: quietLogger })
  await ipfs.content.reachOut?.(peers)
  return ipfs
}

async function openFolder(folder: string): Promise<{ content: ContentStore; names: NameSystem }> {
  return {
    content: createEmbeddedContentStore({
      database: await databases.open(join(folder, 'content.db'), CONTENT_STORE_MIGRATIONS),
    }),
    names: createEmbeddedNameSystem({
      database: await databases.open(join(folder, 'names.db'), NAME_SYSTEM_MIGRATIONS),
    }),
  }
}

async function openBackend(
  backend: Backend,
  folder: string,
): Promise<{ content: ContentStore; names: NameSystem }> {
  switch (backend.kind) {
    case 'embedded':
      return openFolder(backend.folder)
    case 'twirp':
      return { content: createTwirpContentStore(backend), names: createTwirpNameSystem(backend) }
    case 'ipfs':
      return joinIpfs(folder, backend.peers)
  }
}

/** The local log: messages one after the other, each with its length before it. */
async function readMessages(path: string): Promise<LogSource> {
  const file = await readFile(path)
  const entries: LogEntry[] = []
  for (let at = 0; at < file.length; ) {
    const length = file.readUInt32BE(at)
    const raw = file.subarray(at + 4, at + 4 + length)
    entries.push({ position: entries.length + 1, timestamp: decodeStreamMessage(raw).id.timestamp, raw })
    at += 4 + length
  }
  return { read: async (_part, position, { maxEntries }) => entries.slice(position, position + maxEntries) }
}

const tasks = {
  async author({ folder, backend, part, messages, mode, name }: Extract<Task, { kind: 'author' }>) {
    const { content, names } = await openBackend(backend, folder)
    const ownName = name ?? (await ipfs?.names.createName()) ?? ''
    const publisher = await createLogPublisher({
      name: ownName,
      part,
      settings: logSettingsSchema.parse({ mode }),
      source: await readMessages(messages),
      content,
      names,
      database: await databases.open(join(folder, 'published.db'), PUBLISHER_MIGRATIONS),
      clock,
      logger: quietLogger,
    })
    const status = await publisher.publish()
    return { name: ownName, messages: status.messages }
  },

  async serve({ folder, writeToken }: Extract<Task, { kind: 'serve' }>) {
    const { url } = await startTwirpServer({ ...(await openFolder(folder)), writeToken, logger: quietLogger })
    return { url }
  },

  async join({ folder }: Extract<Task, { kind: 'join' }>) {
    return { multiaddrs: (await joinIpfs(folder, [])).content.multiaddrs() }
  },

  async keep({ name }: Extract<Task, { kind: 'keep' }>) {
    if (ipfs === undefined) throw new Error('join first')
    const ingest: Ingest = async (messages) =>
      messages.map(() => ({ verdict: 'pending', reason: 'kept', duplicate: false }))
    const database = await databases.open(':memory:', RESTORE_MIGRATIONS)
    const reader = await createLogReader({
      name,
      content: ipfs.content,
      names: ipfs.names,
      ingest,
      database,
      clock,
      logger: quietLogger,
    })
    const { isComplete } = await reader.restore()
    return { isComplete }
  },

  async reader({ folder, backend, name }: Extract<Task, { kind: 'reader' }>) {
    const { content, names } = await openBackend(backend, folder)
    const { ingest, stored } = createMemoryIngest()
    const timestamps: number[] = []
    const reader = await createLogReader({
      name,
      content,
      names,
      ingest: (messages: readonly RawMessage[]) => {
        timestamps.push(...messages.map(({ bytes }) => decodeStreamMessage(bytes).id.timestamp))
        return ingest(messages)
      },
      database: await databases.open(join(folder, 'restored.db'), RESTORE_MIGRATIONS),
      clock,
      logger: quietLogger,
    })
    const report = await reader.restore()
    return {
      isComplete: report.isComplete,
      verified: report.restored.verified,
      findings: report.findings.length,
      newestFirst: timestamps.every((timestamp, at) => at === 0 || timestamp < (timestamps[at - 1] ?? 0)),
      digest: digestOf(stored.keys()),
    }
  },
}

process.on('message', (task: Task) => {
  const run = tasks[task.kind] as (task: Task) => Promise<unknown>
  run(task).then(
    (answer) => process.send?.({ answer }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})

// No actor outlives the test, however that ends.
process.on('disconnect', () => process.exit(0))
