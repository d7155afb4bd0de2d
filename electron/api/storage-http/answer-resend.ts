import type { ServerResponse } from 'node:http'
import type { Verdict } from '../../../shared/verdict.ts'
import type { MessageQuery, StoredMessage } from '../../node/ports.ts'
import type { ChunkPool } from './chunk-pool.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { CHUNK_BYTES } from './limits.ts'
import { toObjectArray } from './object-array.ts'
import { onePerId } from './one-per-id.ts'
import { toRawFrames } from './raw-frames.ts'
import type { ResendFormat, ResendRequest } from './resend-request.ts'
import type { ResendStore } from './resend-store.ts'

/**
 * What is served: nothing that is known to be forged or unauthorised, and what is undecided too. A message is
 * undecided while this node's chain endpoint or index is behind; history must not seem to end there, and Streamr's
 * clients check signature and permission of each message themselves.
 */
const SERVED_VERDICTS: readonly Verdict[] = ['verified', 'pending']

const CONTENT_TYPES: Record<ResendFormat, string> = {
  object: 'application/json',
  raw: 'application/octet-stream',
}

export interface ResendAnswer {
  store: ResendStore
  pool: ChunkPool
  response: ServerResponse
  idleDeadlineMs: number
  /** Aborted when the client goes away or the server stops. */
  signal: AbortSignal
}

/**
 * Streams what a resend asks for. Memory is bounded by one batch of the store and two chunks: the store is asked for
 * more when the client has taken what was before. Headers are sent with the first bytes, so that a store that cannot
 * answer at all still ends in an error the client can read.
 * @throws {ClientGone} and whatever the store throws; the caller then breaks the connection.
 */
export async function answerResend(request: ResendRequest, answer: ResendAnswer): Promise<void> {
  const { response, idleDeadlineMs, signal } = answer
  const { format } = request
  const chunks = await openChunks(request, answer)
  const writer = new ChunkWriter({ response, idleDeadlineMs, signal })
  let writing = Promise.resolve()
  for await (const chunk of chunks) {
    await writing
    signal.throwIfAborted()
    if (!response.headersSent) response.writeHead(200, { 'content-type': CONTENT_TYPES[format] })
    writing = writer.write(chunk)
    // Looked at above, one chunk later: the next one is read while this one is sent.
    writing.catch(() => undefined)
  }
  await writing
  if (!response.headersSent) response.writeHead(200, { 'content-type': CONTENT_TYPES[format] })
  response.end()
}

/** Frames come ready from a store that has a quick way for them; else they are made of its messages. */
async function openChunks(
  { format, query }: ResendRequest,
  { store, pool, signal }: ResendAnswer,
): Promise<AsyncIterable<Uint8Array>> {
  if (format === 'raw' && query !== null) {
    const frames = await store.frames?.(served(query), signal)
    if (frames !== undefined) return frames
  }
  const messages = query === null ? none() : onePerId(store.query(served(query), signal))
  return format === 'raw' ? toRawFrames(messages, pool) : toObjectArray(messages, CHUNK_BYTES)
}

function served(query: MessageQuery): MessageQuery {
  return { ...query, verdicts: SERVED_VERDICTS, order: 'ascending' }
}

async function* none(): AsyncGenerator<StoredMessage[]> {
  yield []
}
