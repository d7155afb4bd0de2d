import { stat, statfs } from 'node:fs/promises'
import type { StoreEngine } from '../../shared/database.ts'
import { TidemarkError } from '../../shared/errors.ts'
import type { Health, NodeStatus } from '../../shared/node-status.ts'
import { VERDICTS } from '../../shared/verdict.ts'
import type { Clock, MessageStore } from './ports.ts'
import type { EngineStore } from './store/store-front.ts'

type Problem = NodeStatus['problems'][number]

/** What the status is made of: each part is asked, none is assumed. */
export interface NodeStatusSources {
  version: string
  environment: string
  address: string
  dataDir: string
  databaseFiles: readonly string[]
  /** What keeps the messages. */
  engine: StoreEngine
  startedAt: number
  store: MessageStore & Pick<EngineStore, 'status'>
  chain: () => NodeStatus['chain']
  streamr: () => { connected: boolean; neighbours: number }
  peers: () => number
  alertsFiring: () => number
  problems: () => Problem[]
  clock: Clock
}

export interface StatusReporter {
  status(): Promise<NodeStatus>
  health(): Promise<Health>
}

async function sizeOf(path: string): Promise<number> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return info?.size ?? 0
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

type Counts = Pick<Health, 'messages' | 'lastMessageAt'>

function nothing(): Health['messages'] {
  return { stored: 0, verified: 0, pending: 0, unauthorised: 0, forged: 0 }
}

class Reporter implements StatusReporter {
  readonly #sources: NodeStatusSources
  #known: Counts = { messages: nothing(), lastMessageAt: null }

  constructor(sources: NodeStatusSources) {
    this.#sources = sources
  }

  async health(): Promise<Health> {
    const { version, startedAt, clock, peers, problems, engine, store } = this.#sources
    // All else is read after what takes time, in one moment: what is wrong and what waits for it go together.
    const counts = await this.#messages()
    return {
      status: problems().length === 0 ? 'ok' : 'degraded',
      version,
      uptimeS: Math.floor((clock.now() - startedAt) / 1_000),
      ...counts,
      peers: peers(),
      store: { engine, spooled: store.status().spool?.messages ?? 0 },
    }
  }

  async status(): Promise<NodeStatus> {
    const { environment, address, dataDir, databaseFiles, chain, streamr, problems } = this.#sources
    const [{ status: _status, ...health }, sizes, diskFreeBytes] = await Promise.all([
      this.health(),
      Promise.all(databaseFiles.map(sizeOf)),
      freeBytes(dataDir),
    ])
    return {
      ...health,
      environment,
      address,
      dataDir,
      chain: chain(),
      streamr: streamr(),
      diskBytes: sizes.reduce((sum, size) => sum + size, 0),
      diskFreeBytes,
      alertsFiring: this.#sources.alertsFiring(),
      problems: problems(),
    }
  }

  /**
   * What is on disk, over all stream parts. While the store cannot be read, what was known last: its problem is told
   * beside it, and who asks for the health of a node needs an answer then most of all.
   */
  async #messages(): Promise<Counts> {
    try {
      this.#known = await this.#count()
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
    }
    return this.#known
  }

  async #count(): Promise<Counts> {
    const messages = nothing()
    let lastMessageAt: number | null = null
    for (const part of await this.#sources.store.statistics()) {
      messages.stored += part.messages
      for (const verdict of VERDICTS) messages[verdict] += part.verdicts[verdict]
      if (part.lastReceivedAt !== null) lastMessageAt = Math.max(lastMessageAt ?? 0, part.lastReceivedAt)
    }
    return { messages, lastMessageAt }
  }
}

export function createStatusReporter(sources: NodeStatusSources): StatusReporter {
  return new Reporter(sources)
}
