import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPortalServer } from '../../../electron/api/portal-server.ts'
import { createFeed } from '../../../electron/node/feed/feed.ts'
import type { VerifiedMessage } from '../../../electron/node/ports.ts'
import type { StorageNode } from '../../../electron/node/storage-node.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { NodeStatus } from '../../../shared/node-status.ts'
import { projectFolder } from '../../support/portal-process.ts'
import { contentOf, historyFile, madeMessage, PART, PUBLISHERS } from '../history.ts'
import { quietLogger } from '../quiet-logger.ts'

const LIVE_STREAM = '0x0000000000000000000000000000000000000002/live'
export const LIVE_PART = `${LIVE_STREAM}#0`
const BATCHES_PER_SECOND = 20
const CONTENTS = 256

export interface RenderHost {
  url: string
  token: string
  /** Stores so many messages a second, stamped with the present; ends when it is told to. */
  publishLive(perSecond: number): () => Promise<void>
  /** Stores messages with times of their own, spread evenly over a stretch. */
  store(from: number, to: number, count: number): Promise<void>
  stop(): Promise<void>
}

/**
 * The portal over two real stores: a long history, and one that is written to. Everything of the node that charts do
 * not ask for is left out, so that what is measured is the page.
 */
export async function startRenderHost(messages: number): Promise<RenderHost> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-render-'))
  const options = { logger: quietLogger, clock: { now: () => Date.now() } }
  const history = await openSqliteStore({ file: historyFile(messages), ...options })
  const live = await openSqliteStore({ file: join(folder, 'live.sqlite'), ...options })
  const feed = createFeed()
  live.onStored((notices) => {
    for (const notice of notices) feed.stored(notice)
  })
  const storeOf = (part: string) => (part === LIVE_PART ? live : history)
  const overview = async (part: string) => {
    const found = (await storeOf(part).statistics()).find((statistics) => statistics.part === part)
    const [streamId = ''] = part.split('#')
    return {
      messages: 0,
      verdicts: { verified: 0, pending: 0, unauthorised: 0, forged: 0 },
      ...found,
      part,
      streamId,
      partition: 0,
      title: part,
      subscribed: true,
      own: false,
      ratePerSecond: 0,
      sparkline: [],
      sparklineGaps: [],
    }
  }
  const started = Date.now()
  const status = (): NodeStatus => ({
    version: 'bench',
    environment: 'bench',
    address: LIVE_STREAM.slice(0, 42),
    dataDir: folder,
    uptimeS: (Date.now() - started) / 1_000,
    messages: { stored: messages, verified: messages, pending: 0, unauthorised: 0, forged: 0 },
    chain: { height: 1, chainId: 1, reachable: true, rpcUrl: 'bench', endpoints: [] },
    streamr: { connected: true, neighbours: 0 },
    peers: 0,
    store: { engine: 'sqlite', spooled: 0 },
    diskBytes: 0,
    diskFreeBytes: 2 ** 40,
    alertsFiring: 0,
    lastMessageAt: null,
    problems: [],
  })
  const node = {
    feed,
    store: {
      fields: (part: string) => storeOf(part).fields(part),
      publishers: (part: string) => storeOf(part).publishers(part),
      chart: (query: { part: string }, signal?: AbortSignal) =>
        storeOf(query.part).chart(query as never, signal),
      timeline: (part: string, from: number, to: number, most: number) =>
        storeOf(part).timeline(part, from, to, most),
    },
    streams: {
      list: () => Promise.all([overview(PART), overview(LIVE_PART)]),
      details: async (part: string) => ({
        ...(await overview(part)),
        metadata: {},
        publishers: await storeOf(part).publishers(part),
      }),
    },
    // A node that is well: no banner comes and goes while frames are counted.
    status: async () => status(),
    schemaMarks: { addTo: async (window: unknown) => window },
    alerts: { marks: async () => [], state: async () => ({ firing: 0 }) },
  }
  const portal = await startPortalServer({
    node: node as unknown as StorageNode,
    licences: {
      product: () => Promise.reject(new Error('none')),
      text: () => Promise.reject(new Error('none')),
    },
    rendererDir: join(projectFolder, 'dist', 'renderer'),
    port: 0,
    logger: quietLogger,
  })
  const contents = Array.from({ length: CONTENTS }, (_, index) => contentOf(index))
  const digest = Buffer.alloc(32)
  const latest = new Map<number, number>()
  let number = 0

  function make(timestamp: number): VerifiedMessage {
    const publisher = number % PUBLISHERS
    const content = contents[number % CONTENTS] ?? contentOf(0)
    const previous = latest.get(publisher)
    latest.set(publisher, timestamp)
    number += 1
    return madeMessage({ streamId: LIVE_STREAM, number, publisher, timestamp, previous, content, digest })
  }
  async function store(from: number, to: number, count: number): Promise<void> {
    const step = (to - from) / count
    await live.append(Array.from({ length: count }, (_, index) => make(Math.floor(from + index * step))))
  }

  return {
    url: portal.url,
    token: portal.token,
    store,
    publishLive(perSecond) {
      let pending: Promise<void> = Promise.resolve()
      let before = Date.now()
      const timer = setInterval(() => {
        const now = Date.now()
        const count = Math.round(((now - before) * perSecond) / 1_000)
        if (count === 0) return
        const from = before
        before = now
        pending = pending.then(() => store(from, now, count))
      }, 1_000 / BATCHES_PER_SECOND)
      return () => {
        clearInterval(timer)
        return pending
      }
    },
    async stop() {
      feed.close()
      await portal.close()
      await live.close()
      await history.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
