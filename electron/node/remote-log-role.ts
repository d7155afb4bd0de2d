import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { type MessageId, type StreamPartId, streamPartId } from '../../shared/message.ts'
import type { CitationView, LogServerSettings } from '../../shared/remote-log.ts'
import { VERDICTS, type Verdict } from '../../shared/verdict.ts'
import type { ConfigurationFile } from './configuration.ts'
import { REMOTE_LOG_FOLDER } from './data-files.ts'
import { createLogBackups, type LogBackups } from './log-backups.ts'
import type { Clock, Logger, MessageStore, RawMessage } from './ports.ts'
import type { VerifierPool } from './provenance/verifier-pool.ts'
import type { Ingest, IngestOutcome } from './remote-log/ports.ts'
import { createRemoteLog, type RemoteLog } from './remote-log/remote-log.ts'
import { createLogServer, type LogServer } from './remote-log/serving/log-server.ts'
import { createOwnHost } from './remote-log-host.ts'

export interface RemoteLogRoleOptions {
  dataDir: string
  store: MessageStore
  /** Whether messages of the part that arrive are kept. */
  isKept: (part: StreamPartId) => boolean
  pool: Pick<VerifierPool, 'ingestAll' | 'decide'>
  serving: {
    settings: () => LogServerSettings | null
    save: (settings: LogServerSettings | null) => Promise<void>
  }
  /** The node's libp2p host; one of its own on loopback if left out. */
  host?: () => Promise<Libp2p>
  clock: Clock
  logger: Logger
}

export interface RemoteLogRole extends RemoteLog {
  readonly server: LogServer
  readonly backups: LogBackups
  /** The logs a stored message is part of, as far as this node knows. */
  citations(id: MessageId): Promise<CitationView[]>
}

/** Joins the remote log to the store it publishes from and to the verifiers that check what it restores. */
export async function createRemoteLogRole(options: RemoteLogRoleOptions): Promise<RemoteLogRole> {
  const { dataDir, store, pool, serving, clock } = options
  const logger = options.logger.child({ part: 'remote-log' })
  const own = createOwnHost()
  const remoteLog = await createRemoteLog({
    folder: join(dataDir, REMOTE_LOG_FOLDER),
    store,
    isKept: options.isKept,
    ingest: createIngest(pool),
    judge: (messages) => judge(pool, messages),
    host: options.host ?? (() => own.get()),
    clock,
    logger,
  })
  const server = createLogServer({ ...serving, keeper: () => remoteLog.embedded(), logger })
  return {
    ...remoteLog,
    server,
    backups: createLogBackups(dataDir),
    async citations(id) {
      const part = streamPartId(id.streamId, id.partition)
      const cited = (await store.get(id)).map(({ raw }) => remoteLog.cite(part, id.timestamp, raw))
      return (await Promise.all(cited)).flat()
    },
    async start() {
      await remoteLog.start()
      await server.start()
    },
    async stop() {
      await server.stop()
      await remoteLog.stop()
      await own.stop()
    },
  }
}

/** Where the configuration says that logs are served. */
export function servingOf(configuration: ConfigurationFile): RemoteLogRoleOptions['serving'] {
  return {
    settings: () => configuration.current.remoteLog.serve,
    save: (serve) => configuration.update((now) => ({ ...now, remoteLog: { ...now.remoteLog, serve } })),
  }
}

/** What comes out of a log goes the way of every other message: verified on worker threads, then into the store. */
export function createIngest(pool: Pick<VerifierPool, 'ingestAll' | 'decide'>): Ingest {
  return async (messages, signal) => {
    const { verdicts, append } = await pool.ingestAll(messages, signal)
    // Of a good batch everything is known; of others each message is judged by itself, to name those that are bad.
    const isGood = verdicts.verified === messages.length
    const outcomes = isGood ? messages.map(verified) : await judge(pool, messages)
    const stored = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<Verdict, number>
    for (const notice of append.parts) {
      for (const verdict of VERDICTS) stored[verdict] += notice.verdicts[verdict]
    }
    return outcomes.map((outcome) => {
      if (outcome.verdict === 'refused') return outcome
      const isDuplicate = stored[outcome.verdict] <= 0
      stored[outcome.verdict] -= 1
      return { ...outcome, duplicate: isDuplicate }
    })
  }
}

async function judge(
  pool: Pick<VerifierPool, 'decide'>,
  messages: readonly RawMessage[],
): Promise<IngestOutcome[]> {
  const decisions = await pool.decide(messages.map(({ bytes }) => bytes))
  return decisions.map((decision) =>
    decision === null
      ? { verdict: 'refused', reason: 'It is not a message of a stream.', duplicate: false }
      : { ...decision, duplicate: false },
  )
}

const verified = (): IngestOutcome => ({
  verdict: 'verified',
  reason: 'signed-and-permitted',
  duplicate: false,
})
