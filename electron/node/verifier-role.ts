import { join } from 'node:path'
import { VERDICT_HISTORY_FILE } from './data-files.ts'
import type { Clock, Logger, PermissionOracle } from './ports.ts'
import { createContractSignatureChecker } from './provenance/contract-signature.ts'
import { createPendingReview, type PendingReviewOptions } from './provenance/pending-review.ts'
import { openVerdictHistory, type VerdictHistory } from './provenance/verdict-history.ts'
import {
  createVerifierPool,
  type VerifierPool,
  type VerifierPoolOptions,
} from './provenance/verifier-pool.ts'

export interface VerifierRoleOptions {
  /** The folder of the environment. */
  dataDir: string
  store: VerifierPoolOptions['store'] & PendingReviewOptions['store']
  /** Whoever says what a publisher may, and when that changes. */
  permissions: PermissionOracle & PendingReviewOptions['permissions']
  rpcUrls: readonly string[]
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** What is started goes in. */
  stack: AsyncDisposableStack
}

/** Verdicts on what arrives, and again on what could not be decided or has new evidence. */
export interface VerifierRole {
  readonly pool: VerifierPool
  readonly history: VerdictHistory
}

export async function startVerifierRole(options: VerifierRoleOptions): Promise<VerifierRole> {
  const { dataDir, store, permissions, rpcUrls, clock, logger, signal, stack } = options
  const pool = createVerifierPool({
    store,
    permissions,
    contractSignatures: createContractSignatureChecker({ rpcUrls, clock }),
    logger: logger.child({ part: 'verifier' }),
  })
  await pool.start(signal)
  stack.defer(() => pool.stop())
  const history = await openVerdictHistory(join(dataDir, VERDICT_HISTORY_FILE), logger)
  stack.defer(() => history.stop())
  const review = createPendingReview({ store, verifier: pool, permissions, history, logger, clock })
  await review.start(signal)
  stack.defer(() => review.stop())
  return { pool, history }
}
