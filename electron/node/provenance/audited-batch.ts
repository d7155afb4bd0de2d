import { type MessageId, streamPartId } from '../../../shared/message.ts'
import { type Verdict, type VerdictReason, verdictOf, verdictReasonOf } from '../../../shared/verdict.ts'
import { type Decision, decisionCodes } from './decide.ts'
import { HASH_BYTES, leafHash } from './digest-tree.ts'
import type { ReadMessage } from './read-message.ts'

/** What a worker found in a batch of raw messages, in columns, at the index of the messages. */
export interface AuditedBatch {
  /** Verdict and reason by their codes; `NO_MESSAGE` twice where the bytes are no message with content. */
  codes: Uint8Array
  /** Digest of what was signed, and its hash as a leaf of the range's tree; 32 bytes each. */
  digests: Uint8Array
  leaves: Uint8Array
  /** Timestamp and sequence number of the predecessor; -1 twice when none is named. */
  previous: Float64Array
  /** Ids as `idText` forms them. */
  ids: string[]
}

export interface AuditedMessage {
  verdict: Verdict
  reason: VerdictReason
  digest: Uint8Array
  leaf: Uint8Array
  previous: { timestamp: number; sequence: number } | undefined
  id: string
}

const NO_MESSAGE = 255

/** A message id as one text; the parts cannot run into each other, because no part but the last may hold a line end. */
export function idText({ streamId, partition, timestamp, sequence, publisher, chain }: MessageId): string {
  return `${timestamp}\n${sequence}\n${publisher}\n${streamPartId(JSON.stringify(streamId), partition)}\n${chain}`
}

export function packAudited(
  messages: number,
  found: (at: number) => { message: ReadMessage; decision: Decision } | undefined,
): AuditedBatch {
  const batch = emptyAuditedBatch(messages)
  for (let at = 0; at < messages; at++) {
    const outcome = found(at)
    if (outcome === undefined) continue
    const { message, decision } = outcome
    batch.codes.set(decisionCodes(decision), at * 2)
    batch.digests.set(message.digest, at * HASH_BYTES)
    batch.leaves.set(leafHash(message.digest), at * HASH_BYTES)
    const { id, previous } = message.decoded
    if (previous !== undefined) batch.previous.set([previous.timestamp, previous.sequence], at * 2)
    batch.ids[at] = idText(id)
  }
  return batch
}

/** A batch of bytes that are no messages. */
export function emptyAuditedBatch(messages: number): AuditedBatch {
  return {
    codes: new Uint8Array(messages * 2).fill(NO_MESSAGE),
    digests: new Uint8Array(messages * HASH_BYTES),
    leaves: new Uint8Array(messages * HASH_BYTES),
    previous: new Float64Array(messages * 2).fill(-1),
    ids: new Array<string>(messages).fill(''),
  }
}

/** Undefined where the bytes are no message with content. */
export function auditedAt(batch: AuditedBatch, at: number): AuditedMessage | undefined {
  const verdict = batch.codes[at * 2] ?? NO_MESSAGE
  if (verdict === NO_MESSAGE) return undefined
  const timestamp = batch.previous[at * 2] ?? -1
  return {
    verdict: verdictOf(verdict),
    reason: verdictReasonOf(batch.codes[at * 2 + 1] ?? NO_MESSAGE),
    digest: batch.digests.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    leaf: batch.leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    previous: timestamp < 0 ? undefined : { timestamp, sequence: batch.previous[at * 2 + 1] ?? 0 },
    id: batch.ids[at] ?? '',
  }
}

export function joinAuditedBatches(batches: readonly AuditedBatch[]): AuditedBatch {
  const codes = batches.map((batch) => batch.codes)
  const joined = emptyAuditedBatch(codes.reduce((sum, { length }) => sum + length, 0) / 2)
  let at = 0
  for (const batch of batches) {
    joined.codes.set(batch.codes, at * 2)
    joined.digests.set(batch.digests, at * HASH_BYTES)
    joined.leaves.set(batch.leaves, at * HASH_BYTES)
    joined.previous.set(batch.previous, at * 2)
    batch.ids.forEach((id, index) => {
      joined.ids[at + index] = id
    })
    at += batch.ids.length
  }
  return joined
}
