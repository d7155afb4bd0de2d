import type { MessageRef } from '../../../shared/message.ts'
import type { MessageQuery } from '../ports.ts'
import { abortedError } from './aborted.ts'
import type { PageOfFrames } from './read/frame-reader.ts'
import type { ReaderPool } from './reader-pool.ts'

/**
 * Chunks of raw bytes for a resend, or undefined for a query whose answer needs rows. As with `readPages`, the chunk
 * after the one the consumer has is read ahead, and no more.
 */
export async function readFramePages(
  readers: ReaderPool,
  query: MessageQuery,
  signal: AbortSignal | undefined,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (query.last !== undefined || query.limit !== undefined) return undefined
  const start = await readers.call('framesStart', query)
  return start === undefined ? undefined : frames(readers, query, start, signal)
}

async function* frames(
  readers: ReaderPool,
  query: MessageQuery,
  start: MessageRef,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const readAhead = (from: MessageRef) => {
    const page = readers.call('frames', query, from)
    page.catch(() => undefined)
    return page
  }
  let ahead: ReturnType<typeof readAhead> | null = readAhead(start)
  while (ahead !== null) {
    if (signal?.aborted) throw abortedError()
    const page: PageOfFrames = await ahead
    ahead = page.next === null ? null : readAhead(page.next)
    if (signal?.aborted) throw abortedError()
    if (page.frames.byteLength > 0) yield new Uint8Array(page.frames)
  }
}
