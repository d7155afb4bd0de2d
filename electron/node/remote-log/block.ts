import { MAX_BLOCK_BYTES } from './bounds.ts'
import { RemoteLogError } from './errors.ts'

/** @throws {RemoteLogError} `content-too-large` when no store or name system takes so much at once. */
export function assertBlockFits(content: Uint8Array): void {
  if (content.length > MAX_BLOCK_BYTES) {
    throw new RemoteLogError(
      'content-too-large',
      `Content of ${content.length} bytes; a block has at most ${MAX_BLOCK_BYTES}.`,
    )
  }
}
