import { Unavailable } from './collector.ts'

export interface BoundedRequest {
  url: string
  deadlineMs: number
  /** Most that is read of the answer, after decompression. */
  maxBytes: number
  /** Sent as a POST with this JSON body; a GET without. */
  body?: string
  accept: string
  signal?: AbortSignal | undefined
}

export interface BoundedAnswer {
  text: string
  headers: Headers
  /** From the request to the first byte of the answer, ms. */
  latencyMs: number
}

/**
 * One HTTP request with a deadline over the whole answer and a bound on its bytes.
 * @throws Unavailable with one of its reasons; never the endpoint's own words, which may be hostile, nor its
 * address, which may hold a key.
 */
export async function boundedRequest(request: BoundedRequest): Promise<BoundedAnswer> {
  const deadline = AbortSignal.timeout(request.deadlineMs)
  const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline])
  try {
    return await send(request, signal)
  } catch (error) {
    if (error instanceof Unavailable) throw error
    throw new Unavailable(deadline.aborted ? 'timeout' : 'unreachable', { cause: error })
  }
}

async function send(
  { url, body, accept, maxBytes }: BoundedRequest,
  signal: AbortSignal,
): Promise<BoundedAnswer> {
  const startedAt = performance.now()
  const response = await fetch(url, {
    ...(body === undefined ? {} : { method: 'POST', body }),
    headers: { accept, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal,
    // A redirect could lead a key in the address elsewhere.
    redirect: 'error',
  })
  const latencyMs = performance.now() - startedAt
  if (!response.ok) {
    await response.body?.cancel()
    throw new Unavailable('http-error')
  }
  return { text: await readBounded(response, maxBytes), headers: response.headers, latencyMs }
}

/** Stops reading at the bound, whatever the endpoint announced. */
async function readBounded(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > maxBytes) throw new Unavailable('too-large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
