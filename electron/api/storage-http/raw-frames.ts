import type { StoredMessage } from '../../node/ports.ts'
import type { ChunkPool } from './chunk-pool.ts'

/** Bytes of the length that precedes each message: uint32, big-endian. */
const PREFIX_BYTES = 4

/**
 * Messages in the interface's `raw` format: for each its length, then its bytes exactly as published, gathered into
 * chunks of the pool's size. A chunk is overwritten once the second one after it is asked for, so a consumer may
 * send one while the next is filled, and no more.
 */
export async function* toRawFrames(
  batches: AsyncIterable<StoredMessage[]>,
  pool: ChunkPool,
): AsyncGenerator<Uint8Array> {
  let filling = pool.take()
  let resting = pool.take()
  let length = 0
  for await (const batch of batches) {
    for (const { raw } of batch) {
      const needed = PREFIX_BYTES + raw.length
      if (length + needed > filling.length && length > 0) {
        yield filling.subarray(0, length)
        ;[filling, resting] = [resting, filling]
        length = 0
      }
      if (needed > filling.length) {
        yield oversized(raw)
        continue
      }
      filling.writeUInt32BE(raw.length, length)
      filling.set(raw, length + PREFIX_BYTES)
      length += needed
    }
  }
  if (length > 0) yield filling.subarray(0, length)
  pool.giveBack(resting)
}

function oversized(raw: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + raw.length)
  frame.writeUInt32BE(raw.length, 0)
  frame.set(raw, PREFIX_BYTES)
  return frame
}
