import { MAX_MESSAGE_BYTES } from '../message/limits.ts'
import type { RawMessage } from '../ports.ts'
import { type AuditedBatch, joinAuditedBatches } from './audited-batch.ts'
import type { Decision } from './decide.ts'
import { type IngestResult, mergeIngestResults } from './ingest-result.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_MESSAGES } from './verifier-limits.ts'

/** How a batch ends. Exactly one of these is called, once. */
export interface JobOutcome {
  stored(result: IngestResult): void
  decided(decisions: (Decision | null)[]): void
  audited(batch: AuditedBatch): void
  abandoned(error: Error): void
}

/** One batch from when it is taken until it is on disk; it keeps its messages, so it can be verified again. */
export interface VerifierJob {
  readonly id: number
  readonly kind: 'store' | 'decide' | 'audit'
  readonly messages: readonly RawMessage[]
  readonly sizeBytes: number
  readonly outcome: JobOutcome
  /** Workers that died with it. From the first on it runs alone, to tell what kills from what was near. */
  deaths: number
  /** Times the store did not take it. */
  failures: number
}

let lastId = 0

export function createJob(
  kind: VerifierJob['kind'],
  messages: readonly RawMessage[],
  outcome: JobOutcome,
): VerifierJob {
  lastId += 1
  return { id: lastId, kind, messages, sizeBytes: sizeOf(messages), outcome, deaths: 0, failures: 0 }
}

/** Two jobs with half the messages each, which end the given one together. They run alone, as it did. */
export function splitJob(job: VerifierJob): VerifierJob[] {
  const middle = job.messages.length >> 1
  const halves = [job.messages.slice(0, middle), job.messages.slice(middle)]
  const results: IngestResult[] = []
  const decisions: (Decision | null)[][] = []
  const audited: AuditedBatch[] = []
  let decided = 0
  let isAbandoned = false
  return halves.map((messages, half) => {
    const child = createJob(job.kind, messages, {
      stored: (result) => {
        results.push(result)
        if (results.length === halves.length) job.outcome.stored(mergeIngestResults(results))
      },
      decided: (part) => {
        decisions[half] = part
        decided += 1
        if (decided === halves.length) job.outcome.decided(decisions.flat())
      },
      audited: (part) => {
        audited[half] = part
        decided += 1
        if (decided === halves.length) job.outcome.audited(joinAuditedBatches(audited))
      },
      abandoned: (error) => {
        if (!isAbandoned) job.outcome.abandoned(error)
        isAbandoned = true
      },
    })
    child.deaths = 1
    return child
  })
}

/** As much of a message as the decoder needs to refuse it for its size. */
export function boundMessage(message: RawMessage): RawMessage {
  if (message.bytes.length <= MAX_MESSAGE_BYTES) return message
  return { ...message, bytes: message.bytes.subarray(0, MAX_MESSAGE_BYTES + 1) }
}

/** Cuts messages into runs that fit a batch each. */
export function* cutIntoBatches(messages: Iterable<RawMessage>): Generator<RawMessage[]> {
  let batch: RawMessage[] = []
  let sizeBytes = 0
  for (const message of messages) {
    const bounded = boundMessage(message)
    const isFull =
      batch.length >= MAX_BATCH_MESSAGES ||
      (batch.length > 0 && sizeBytes + bounded.bytes.length > MAX_BATCH_BYTES)
    if (isFull) {
      yield batch
      batch = []
      sizeBytes = 0
    }
    batch.push(bounded)
    sizeBytes += bounded.bytes.length
  }
  if (batch.length > 0) yield batch
}

function sizeOf(messages: readonly RawMessage[]): number {
  return messages.reduce((sum, { bytes }) => sum + bytes.length, 0)
}
