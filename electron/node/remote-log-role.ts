import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Libp2p } from '@libp2p/interface'
import { type MessageId, type StreamPartId, streamPartId } from '../../shared/message.ts'
import type { ProofCitation } from '../../shared/proof.ts'
import {
  type CitationView,
  keeperText,
  type LogServerSettings,
  type SyncMode,
} from '../../shared/remote-log.ts'
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
  /** Stream parts that are kept in step with paired nodes. */
  parts: () => readonly StreamPartId[]
  sync: { mode: () => SyncMode; saveMode: (mode: SyncMode) => Promise<void>; label: string }
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
  citations(id: MessageId, digest?: string): Promise<CitationView[]>
  /** The same of one message, as a proof names them. */
  proofCitations(id: MessageId, digest: Uint8Array): Promise<ProofCitation[]>
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
    parts: options.parts,
    sync: options.sync,
    ingest: createIngest(pool),
    judge: (messages) => judge(pool, messages),
    host: options.host ?? (() => own.get()),
    clock,
    logger,
  })
  const server = createLogServer({ ...serving, keeper: () => remoteLog.embedded(), logger })
  async function citations(id: MessageId, digest?: string): Promise<CitationView[]> {
    const part = streamPartId(id.streamId, id.partition)
    const contents = await store.get(id)
    const meant = contents.filter(
      (content) => digest === undefined || Buffer.from(content.digest).toString('hex') === digest,
    )
    const cited = await Promise.all(meant.map(({ raw }) => remoteLog.cite(part, id.timestamp, raw)))
    return cited.flat()
  }
  return {
    ...remoteLog,
    server,
    backups: createLogBackups(dataDir),
    citations,
    proofCitations: async (id, digest) =>
      (await citations(id, Buffer.from(digest).toString('hex'))).map(({ name, keeper, message, page }) => ({
        name,
        keeper: keeperText(keeper),
        message,
        page,
      })),
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

/** What the configuration says of serving logs and of keeping paired nodes in step. */
export function remoteLogSettings(
  configuration: ConfigurationFile,
): Pick<RemoteLogRoleOptions, 'serving' | 'sync'> {
  const save = (change: Partial<ConfigurationFile['current']['remoteLog']>) =>
    configuration.update((now) => ({ ...now, remoteLog: { ...now.remoteLog, ...change } }))
  return {
    serving: {
      settings: () => configuration.current.remoteLog.serve,
      save: (serve) => save({ serve }),
    },
    sync: {
      label: hostname(),
      mode: () => configuration.current.remoteLog.syncMode,
      saveMode: (syncMode) => save({ syncMode }),
    },
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

/** The names a part is published under, and the page each leads to now. */
export async function publishedNames(
  remoteLog: Pick<RemoteLogRole, 'list'>,
  part: StreamPartId,
): Promise<{ name: string; keeper: string; head: string | null }[]> {
  const { published } = await remoteLog.list()
  return published
    .filter((log) => log.part === part)
    .map(({ name, keeper, head }) => ({ name, keeper: keeperText(keeper), head: head?.address ?? null }))
}
