import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger, PermissionOracle, RawMessage } from '../../../electron/node/ports.ts'
import { createVerifierPool, type VerifierPool } from '../../../electron/node/provenance/verifier-pool.ts'
import { openSqliteStore } from '../../../electron/node/store/sqlite-store.ts'
import type { EngineStore } from '../../../electron/node/store/store-front.ts'

/** Says nothing but what has gone wrong. */
export const logger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  error: (fields, message) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  child: () => logger,
}

export const everyoneMayPublish: PermissionOracle = {
  publishPermission: async () => ({
    state: 'permitted',
    evidence: null,
    validFrom: 0,
    validTo: Number.MAX_SAFE_INTEGER,
    partitions: 1,
  }),
  onChange: () => () => undefined,
}

export interface Pipeline {
  folder: string
  file: string
  store: EngineStore
  pool: VerifierPool
}

/** The pipeline of the node on a new store, for as long as the stack lasts. */
export async function openPipeline(
  stack: AsyncDisposableStack,
  permissions: PermissionOracle = everyoneMayPublish,
  openStore: (file: string) => Promise<EngineStore> = (file) =>
    openSqliteStore({ file, logger, clock: Date }),
): Promise<Pipeline> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-ingest-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'bench.sqlite')
  const store = await openStore(file)
  stack.defer(() => store.close())
  const contractSignatures = { check: async () => 'unavailable' as const }
  const pool = createVerifierPool({ store, permissions, contractSignatures, logger })
  await pool.start()
  stack.defer(() => pool.stop())
  return { folder, file, store, pool }
}

/** As fast as the pool takes them, offered again when there is room as a source does; seconds until the last is on disk. */
export async function ingest(pool: VerifierPool, messages: readonly RawMessage[]): Promise<number> {
  const start = performance.now()
  for (const message of messages) await take(pool, message)
  await pool.drained()
  return (performance.now() - start) / 1_000
}

export async function take(pool: VerifierPool, message: RawMessage): Promise<void> {
  while (!pool.ingest(message)) await pool.room()
}

/**
 * What messages are as a source hands them over. The corpus is of one day of the past: over the live network each of
 * its messages would come with a clock far behind, which is not how messages are.
 */
export function arrive(corpus: readonly Uint8Array[]): RawMessage[] {
  return corpus.map((bytes) => ({ bytes, source: 'import', receivedAt: Date.now() }))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2
}
