import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_SEQUENCE } from '../../message/limits.ts'
import type { StoredMessage } from '../../ports.ts'
import { MAX_MESSAGES_PER_FRAME, MESSAGE_FRAME_BYTES } from '../limits.ts'
import type { ReconcileStore } from '../ports.ts'
import { DIGEST_PREFIX_BYTES } from '../riblt/short-ids.ts'
import { type BucketGrid, bucketIndex, bucketStart } from './bucket-grid.ts'
import type { PickedMessages } from './digest-set.ts'

/** Picked messages with at most this many others between them are read in one go: cheaper than another query. */
const READ_ACROSS_ROWS = 32

export interface WantedMessages {
  store: ReconcileStore
  part: StreamPartId
  grid: BucketGrid
  /** Buckets that are wanted whole. */
  wholeBuckets: readonly number[]
  /** Messages wanted from other buckets. */
  picked: PickedMessages | undefined
  signal: AbortSignal
}

interface Stretch {
  /** Inclusive on both sides, ms. */
  readonly from: number
  to: number
  /** Digest prefixes of the messages wanted; `undefined`: all. */
  readonly prefixes: Set<string> | undefined
}

/** The wanted messages in the order of the store, read as they are asked for. */
export async function* readWanted(wanted: WantedMessages): AsyncGenerator<StoredMessage[]> {
  const { store, part, signal } = wanted
  for (const { from, to, prefixes } of stretchesOf(wanted)) {
    const query = {
      part,
      from: { timestamp: from, sequence: 0 },
      to: { timestamp: to, sequence: MAX_SEQUENCE },
      verdicts: ['verified'],
      order: 'ascending',
    } as const
    for await (const batch of store.query(query, signal)) {
      const chosen =
        prefixes === undefined ? batch : batch.filter(({ digest }) => prefixes.has(prefixText(digest, 0)))
      if (chosen.length > 0) yield chosen
    }
  }
}

/** Raw messages in portions that fit a frame. */
export async function* messagePortions(
  batches: AsyncIterable<StoredMessage[]>,
): AsyncGenerator<Uint8Array[]> {
  let portion: Uint8Array[] = []
  let sizeBytes = 0
  for await (const batch of batches) {
    for (const { raw } of batch) {
      const isFull = sizeBytes + raw.length > MESSAGE_FRAME_BYTES || portion.length === MAX_MESSAGES_PER_FRAME
      if (isFull && portion.length > 0) {
        yield portion
        portion = []
        sizeBytes = 0
      }
      portion.push(raw)
      sizeBytes += raw.length
    }
  }
  if (portion.length > 0) yield portion
}

function stretchesOf({ grid, wholeBuckets, picked }: WantedMessages): Stretch[] {
  const whole = wholeBuckets.map((bucket) => ({
    from: bucketStart(grid, bucket),
    to: bucketStart(grid, bucket + 1) - 1,
    prefixes: undefined,
  }))
  return [...whole, ...runsOf(grid, picked)].sort((a, b) => a.from - b.from)
}

/** Picked messages that lie close together in the same bucket are one stretch; equal timestamps are never parted. */
function runsOf(grid: BucketGrid, picked: PickedMessages | undefined): Stretch[] {
  const runs: Stretch[] = []
  let run: Stretch | undefined
  let previousRow = 0
  for (const [index, row] of (picked?.rows ?? []).entries()) {
    const timestamp = picked?.timestamps[index] ?? 0
    const isNear =
      run !== undefined &&
      (timestamp === run.to ||
        (row - previousRow <= READ_ACROSS_ROWS && bucketIndex(grid, timestamp) === bucketIndex(grid, run.to)))
    if (run === undefined || !isNear) {
      run = { from: timestamp, to: timestamp, prefixes: new Set() }
      runs.push(run)
    }
    run.to = timestamp
    if (picked !== undefined) run.prefixes?.add(prefixText(picked.prefixes, index * DIGEST_PREFIX_BYTES))
    previousRow = row
  }
  return runs
}

function prefixText(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, DIGEST_PREFIX_BYTES).toString('latin1')
}
