import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { PeerFault } from '../../electron/node/gossip/peer-fault.ts'
import type { PeerStream } from '../../electron/node/gossip/ports.ts'
import {
  type BucketGrid,
  bucketIndex,
  bucketStart,
  gridEnd,
  readGrid,
} from '../../electron/node/gossip/reconcile/bucket-grid.ts'
import { joinPrefixes } from '../../electron/node/gossip/reconcile/digest-columns.ts'
import { DigestSet } from '../../electron/node/gossip/reconcile/digest-set.ts'
import { FrameChannel } from '../../electron/node/gossip/reconcile/frame-channel.ts'
import type { FrameOf } from '../../electron/node/gossip/reconcile/frames.ts'
import { cellsSizeBytes } from '../../electron/node/gossip/riblt/cells.ts'
import { sessionKey } from '../../electron/node/gossip/riblt/short-ids.ts'
import { bitmapOf } from '../../electron/node/gossip/wire/bitmap.ts'
import { decodeStreamMessage } from '../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../electron/node/message/encode.ts'
import type { StreamPartId } from '../../shared/message.ts'
import { PART } from '../unit/gossip/federated/test-nodes.ts'
import { type MemoryStore, testMessage } from '../unit/gossip/memory-store.ts'
import type { Lie } from './gossip-tasks.ts'

/** Longer than any deadline of the asker. */
const FOREVER_MS = 600_000

/** Answers one session about `part` with one kind of lie. Ends quietly when the asker has had enough. */
export async function answerWithLies(
  stream: PeerStream,
  lie: Lie,
  store: MemoryStore,
  part: StreamPartId = PART,
): Promise<void> {
  const { signal } = new AbortController()
  const channel = new FrameChannel({ stream, frameTimeoutMs: 60_000, sessionTimeoutMs: FOREVER_MS, signal })
  try {
    const opening = await channel.expect('opening')
    const grid = readGrid(opening.start, opening.widthMs, opening.counts.length)
    if (lie === 'fingerprint-false' || lie === 'sketch-undecodable')
      await falseSketch(channel, opening, grid, lie, store)
    else await falseMessages(channel, stream, grid, opening, lie, part)
  } catch (error) {
    if (!(error instanceof PeerFault)) throw error
  } finally {
    channel.abort(new Error('over'))
  }
}

/** Claims to hold three messages in each bucket in which the asker has none. */
async function falseMessages(
  channel: FrameChannel,
  stream: PeerStream,
  grid: BucketGrid,
  opening: FrameOf<'opening'>,
  lie: Lie,
  part: StreamPartId,
): Promise<void> {
  const empty = [...opening.counts.keys()].filter((bucket) => opening.counts[bucket] === 0)
  await channel.send({
    kind: 'differences',
    nonce: randomBytes(16),
    differing: bitmapOf(grid.buckets, (bucket) => opening.counts[bucket] === 0),
    counts: Float64Array.from(empty, () => 3),
    cells: 0,
    listed: 0,
    healing: 0,
  })
  await channel.expect('want')
  const at = bucketStart(grid, empty[0] ?? 0)
  const messages = (...raw: Uint8Array[]) => channel.send({ kind: 'messages', raw })
  if (lie === 'forged') await messages(unsigned(testMessage(part, at)))
  if (lie === 'foreign') await messages(testMessage('0xaa/other#0', at))
  if (lie === 'unasked') await messages(testMessage(part, heldBucketStart(grid, opening)))
  if (lie === 'duplicate') await messages(testMessage(part, at), testMessage(part, at))
  if (lie === 'withheld') await channel.send({ kind: 'end', count: 0 })
  if (lie === 'late') {
    await stream.write(Uint8Array.of(9))
    await sleep(FOREVER_MS, undefined, { ref: false })
  }
  if (lie === 'endless') for (let sequence = 0; ; sequence++) await messages(testMessage(part, at, sequence))
}

/** Says that all buckets differ, of which it holds the same as the asker. */
async function falseSketch(
  channel: FrameChannel,
  opening: FrameOf<'opening'>,
  grid: BucketGrid,
  lie: Lie,
  store: MemoryStore,
): Promise<void> {
  const inGrid = store.messages.filter(({ id }) => id.timestamp >= grid.start && id.timestamp < gridEnd(grid))
  const ownBuckets = new Set(inGrid.map(({ id }) => bucketIndex(grid, id.timestamp)))
  const held = [...opening.counts.keys()].filter(
    (bucket) => (opening.counts[bucket] ?? 0) > 0 && ownBuckets.has(bucket),
  )
  const nonce = randomBytes(16)
  const columns = joinPrefixes([
    {
      timestamps: Float64Array.from(inGrid, ({ id }) => id.timestamp),
      digests: Buffer.concat(inGrid.map(({ digest }) => digest)),
    },
  ])
  const set = new DigestSet(sessionKey(opening.nonce, nonce), [columns])
  const isNoise = lie === 'sketch-undecodable'
  await channel.send({
    kind: 'differences',
    nonce,
    differing: bitmapOf(grid.buckets, (bucket) => held.includes(bucket)),
    // A large claim keeps the list from being cheaper for a while.
    counts: Float64Array.from(held, () => (isNoise ? 100 : 1)),
    cells: 64,
    listed: 0,
    healing: 0,
  })
  let cells = 0
  for (let total = 64; ; ) {
    const bytes = isNoise ? randomBytes(cellsSizeBytes(cells, total)) : set.cellsTo(total)
    await channel.send({ kind: 'cells', cells: bytes })
    cells = total
    const next = await channel.receive()
    if (next?.kind !== 'more') {
      if (next?.kind === 'listRequest') await channel.send({ kind: 'list', ...set.list(32) })
      break
    }
    total = next.total
  }
  while ((await channel.receive()) !== undefined);
}

function unsigned(raw: Uint8Array): Uint8Array {
  return encodeStreamMessage({ ...decodeStreamMessage(raw), signature: Uint8Array.of(6, 6, 6) })
}

function heldBucketStart(grid: BucketGrid, opening: FrameOf<'opening'>): number {
  return bucketStart(
    grid,
    opening.counts.findIndex((count) => count > 0),
  )
}
