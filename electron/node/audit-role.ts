import { join } from 'node:path'
import type { NetworkDescription } from '../../shared/node-status.ts'
import { AUDIT_FOLDER } from './data-files.ts'
import { signerOf } from './evidence-role.ts'
import type { Feed } from './feed/feed.ts'
import type { Roots } from './gossip/roots/roots.ts'
import type { Clock, Logger, MessageStore } from './ports.ts'
import { type AuditDesk, createAuditDesk } from './provenance/audit/audit-desk.ts'
import { besideReport } from './provenance/audit/beside-report.ts'
import type { VerifierPool } from './provenance/verifier-pool.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import { schemaOfStream } from './stream-schema.ts'

export interface AuditRoleOptions {
  dataDir: string
  store: MessageStore
  index: RegistryIndex
  pool: VerifierPool
  roots: Pick<Roots, 'ask'>
  network: Pick<NetworkDescription, 'chainId' | 'contracts'>
  /** Signs the reports; 0x and 64 hex digits. */
  privateKey: string
  version: string
  feed: Pick<Feed, 'announce'>
  /** Ends the audits with the node. */
  stack: AsyncDisposableStack
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

/** Starts the audits, joined to the store they read, the verifier that checks again, and the node's key. */
export async function startAuditRole(options: AuditRoleOptions): Promise<AuditDesk> {
  const { dataDir, store, index, pool, roots, network, privateKey, version, feed, stack, clock, logger } =
    options
  const audits = createAuditDesk({
    folder: join(dataDir, AUDIT_FOLDER),
    store,
    verifier: pool,
    permissions: index,
    schemaOf: (streamId) => schemaOfStream(index, streamId),
    network,
    ...signerOf(privateKey),
    version,
    beside: (body, signal) =>
      besideReport(body, { askRoots: (question, until) => roots.ask(question, until), state: index }, signal),
    onChange: () => feed.announce({ kind: 'audits' }),
    clock,
    logger: logger.child({ part: 'audit' }),
  })
  await audits.start(options.signal)
  stack.defer(() => audits.stop())
  return audits
}
