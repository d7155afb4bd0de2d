import { ResendFailed } from './resend-failed.ts'

const PREFIX_BYTES = 4

/**
 * Takes length-prefixed frames (uint32, big-endian) apart, as they come out of a raw-format resend. Yields, for each
 * piece of input, the frames that it completes; a frame's memory is that of its input.
 * @throws {ResendFailed} `wrong` for a frame above the bound, before it is held; `broken` when the end cuts a frame.
 */
export async function* readFrames(
  chunks: AsyncIterable<Uint8Array>,
  maxFrameBytes: number,
): AsyncGenerator<Uint8Array[]> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  /** Bytes at which the held ones complete at least a prefix or a frame. */
  let neededBytes = PREFIX_BYTES
  for await (const chunk of chunks) {
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes < neededBytes) continue
    const bytes = Buffer.concat(held, heldBytes)
    const frames: Uint8Array[] = []
    let at = 0
    for (;;) {
      neededBytes = PREFIX_BYTES
      if (bytes.length - at < PREFIX_BYTES) break
      const length = bytes.readUInt32BE(at)
      if (length > maxFrameBytes) {
        throw new ResendFailed('wrong', `It sent a message of ${length} bytes, which no message has.`)
      }
      neededBytes += length
      if (bytes.length - at < neededBytes) break
      frames.push(bytes.subarray(at + PREFIX_BYTES, at + neededBytes))
      at += neededBytes
    }
    held = at < bytes.length ? [bytes.subarray(at)] : []
    heldBytes = bytes.length - at
    if (frames.length > 0) yield frames
  }
  if (heldBytes > 0) throw new ResendFailed('broken', 'Its answer ended in the middle of a message.')
}
