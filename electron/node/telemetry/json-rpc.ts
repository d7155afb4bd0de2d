import { z } from 'zod'
import { Unavailable } from './collector.ts'

/** JSON-RPC 2.0: the method does not exist. Endpoints say it for namespaces they keep closed, too. */
const METHOD_NOT_FOUND = -32601

const envelope = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
})

export interface JsonRpcOptions {
  url: string
  deadlineMs: number
  /** Most that is read of one answer, after decompression. */
  maxAnswerBytes: number
}

/** One JSON-RPC 2.0 endpoint over HTTP. */
export interface JsonRpc {
  /**
   * @throws Unavailable with one of its reasons; never the endpoint's own words, which may be hostile, nor its
   * address, which may hold a key.
   */
  call<T>(method: string, parameters: unknown[], schema: z.ZodType<T>, signal?: AbortSignal): Promise<T>
}

export function createJsonRpc({ url, deadlineMs, maxAnswerBytes }: JsonRpcOptions): JsonRpc {
  let lastId = 0
  return {
    async call(method, parameters, schema, signal) {
      lastId += 1
      const deadline = AbortSignal.timeout(deadlineMs)
      const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params: parameters })
      const ended = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
      const text = await post(url, body, maxAnswerBytes, ended).catch((error: unknown) => {
        if (error instanceof Unavailable) throw error
        throw new Unavailable(deadline.aborted ? 'timeout' : 'unreachable', { cause: error })
      })
      return readAnswer(text, schema)
    },
  }
}

async function post(url: string, body: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  // A redirect could lead a key in the address elsewhere.
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Unavailable('http-error')
  }
  return readBounded(response, maxBytes)
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

function readAnswer<T>(text: string, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Unavailable('not-json', { cause })
  }
  const answer = envelope.safeParse(value)
  if (!answer.success) throw new Unavailable('wrong-shape')
  const { error, result } = answer.data
  if (error !== undefined)
    throw new Unavailable(error.code === METHOD_NOT_FOUND ? 'not-supported' : 'rpc-error')
  const parsed = schema.safeParse(result)
  if (!parsed.success) throw new Unavailable('wrong-shape')
  return parsed.data
}
