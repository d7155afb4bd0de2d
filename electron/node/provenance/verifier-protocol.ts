import type { MessagePort } from 'node:worker_threads'
import type { ErrorView } from '../../../shared/errors.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { AppendResult, PermissionAnswer } from '../ports.ts'
import type { AuditedBatch } from './audited-batch.ts'
import type { Decision } from './decide.ts'
import type { RawBatch } from './raw-batch.ts'

/** Asked once for all messages of a batch that share publisher and stream. */
export interface PermissionQuestion {
  kind: 'permission'
  streamId: string
  publisher: string
  timestamp: number
}

/** Asked for one message signed by a contract (ERC-1271). */
export interface ContractQuestion {
  kind: 'contract'
  contract: string
  /** Hash the contract is asked about, and the signature over it. */
  hash: Uint8Array
  signature: Uint8Array
}

/** `unavailable`: no chain endpoint answered in time. */
export type ContractAnswer = 'accepted' | 'refused' | 'unavailable'

/** What became of the messages of one batch before the store compared them with what it holds. */
export interface BatchCounts {
  verdicts: Record<Verdict, number>
  /** Could not become messages; kept in quarantine. */
  refused: number
  /** Key exchange between publishers and subscribers, which is no data of the stream and is not stored. */
  keyExchange: number
}

/** What a verifier worker is started with. */
export interface VerifierWorkerData {
  /** Shared with the thread that owns the worker: one word, not 0 once no further batch is to be taken up. */
  ending: Int32Array
}

/** To a verifier worker. Answers stand at the index of their questions. */
export type WorkerRequest =
  | { kind: 'store'; id: number; batch: RawBatch }
  | { kind: 'decide'; id: number; batch: RawBatch }
  | { kind: 'audit'; id: number; batch: RawBatch }
  | { kind: 'permissions'; id: number; answers: (PermissionAnswer | undefined)[] }
  | { kind: 'contracts'; id: number; answers: ContractAnswer[] }
  | { kind: 'invalidate'; streamId: string }
  /** A port to the store's writer, see `message/batch-port.ts`; it replaces the one before. */
  | { kind: 'connect'; port: MessagePort }
  | { kind: 'end' }

/** From a verifier worker. The id of questions comes back with their answers. */
export type WorkerEvent =
  | { kind: 'ask-permissions'; id: number; questions: PermissionQuestion[] }
  | { kind: 'ask-contracts'; id: number; questions: ContractQuestion[] }
  | { kind: 'stored'; id: number; counts: BatchCounts; result: AppendResult }
  | { kind: 'decided'; id: number; decisions: (Decision | null)[] }
  | { kind: 'audited'; id: number; audited: AuditedBatch }
  /** The store did not take the batch. */
  | { kind: 'failed'; id: number; error: ErrorView }
  /** The port to the store's writer has closed: what was delivered and not acknowledged has failed. */
  | { kind: 'disconnected' }
