import { createHash } from 'node:crypto'
import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_STREAM_ID_BYTES, MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import { MAX_ANNOUNCED_ADDRESS_BYTES, MAX_ANNOUNCED_ADDRESSES, MAX_COVERAGE_BUCKETS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { ReconcileStore } from '../ports.ts'
import { type BucketGrid, gridEnd, gridFor, readGrid } from '../reconcile/bucket-grid.ts'
import { sumsOf } from '../reconcile/bucket-sums.ts'
import { readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'

/** How many messages of a stream part a node holds, by time. */
export interface Coverage {
  readonly part: StreamPartId
  readonly grid: BucketGrid
  /** Messages in each bucket of the grid. */
  readonly counts: Float64Array
  /** When this was so, by the node's own clock, ms. */
  readonly at: number
  /** Where the node can be reached, as binary multiaddrs. */
  readonly addresses: readonly Uint8Array[]
}

const SCHEMA = {
  part: { field: 1, kind: 'text', max: MAX_STREAM_ID_BYTES + 4 },
  start: { field: 2, kind: 'number', max: MAX_TIMESTAMP_MS },
  widthMs: { field: 3, kind: 'number', max: MAX_TIMESTAMP_MS },
  counts: { field: 4, kind: 'numbers', items: MAX_COVERAGE_BUCKETS, max: Number.MAX_SAFE_INTEGER },
  at: { field: 5, kind: 'number', max: MAX_TIMESTAMP_MS },
  addresses: {
    field: 6,
    kind: 'chunks',
    items: MAX_ANNOUNCED_ADDRESSES,
    max: MAX_ANNOUNCED_ADDRESS_BYTES,
  },
} as const satisfies Schema

const TOPIC_PREFIX = '/tidemark/coverage/1/'

/** Topic on which the holders of a part announce their coverage; a hash, so that no name is too long for it. */
export function coverageTopic(part: StreamPartId): string {
  return TOPIC_PREFIX + createHash('sha256').update(part).digest('base64url')
}

/** What this node holds of a part between two instants, or of all of it. */
export async function readCoverage(
  store: ReconcileStore,
  part: StreamPartId,
  at: number,
  addresses: readonly Uint8Array[],
  range: { from: number; to: number } | undefined,
  signal?: AbortSignal,
): Promise<Coverage> {
  const span = range ?? (await wholeSpan(store, part, signal)) ?? { from: 0, to: 1 }
  const grid = gridFor(span.from, span.to, MAX_COVERAGE_BUCKETS)
  const rows = await store.fingerprints(part, grid.levelMs, grid.start, gridEnd(grid), signal)
  return { part, grid, counts: sumsOf(grid, rows).counts, at, addresses }
}

async function wholeSpan(
  store: ReconcileStore,
  part: StreamPartId,
  signal: AbortSignal | undefined,
): Promise<{ from: number; to: number } | undefined> {
  const span = await store.span(part, signal)
  return span === null ? undefined : { from: span.first, to: span.last + 1 }
}

export function encodeCoverage({ part, grid, counts, at, addresses }: Coverage): Uint8Array {
  const { start, widthMs } = grid
  return writeFields(SCHEMA, { part, start, widthMs, counts, at, addresses: [...addresses] })
}

/** @throws {PeerFault} `malformed` or `too-large` */
export function decodeCoverage(bytes: Uint8Array): Coverage {
  const { part, start, widthMs, counts, at, addresses } = readFields(bytes, SCHEMA)
  try {
    return { part, grid: readGrid(start, widthMs, counts.length), counts, at, addresses }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new PeerFault('malformed', `The peer's coverage is not one: ${error.message}`, { cause: error })
  }
}

/** Messages that a node says it holds in `from <= timestamp < to`, whole buckets counted. */
export function coveredIn({ grid, counts }: Coverage, from: number, to: number): number {
  const first = Math.max(0, Math.floor((from - grid.start) / grid.widthMs))
  const end = Math.min(counts.length, Math.ceil((to - grid.start) / grid.widthMs))
  let covered = 0
  for (let bucket = first; bucket < end; bucket++) covered += counts[bucket] ?? 0
  return covered
}
