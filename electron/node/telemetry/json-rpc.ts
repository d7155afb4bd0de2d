import { z } from 'zod'
import { boundedRequest } from './bounded-request.ts'
import { Unavailable } from './collector.ts'
import { UNSUPPORTED_FOR_MS } from './limits.ts'

/** JSON-RPC 2.0: the method does not exist. Endpoints say it for namespaces they keep closed, too. */
const METHOD_NOT_FOUND = -32601

const envelope = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).optional(),
})

/** The endpoint answered with an error of its own. `data` is as hostile as everything it says. */
export class RpcError extends Unavailable {
  readonly code: number
  readonly data: unknown
  constructor(code: number, data: unknown) {
    super(code === METHOD_NOT_FOUND ? 'not-supported' : 'rpc-error')
    this.code = code
    this.data = data
  }
}

export interface JsonRpcOptions {
  url: string
  deadlineMs: number
  /** Most that is read of one answer, after decompression. */
  maxAnswerBytes: number
}

/** One JSON-RPC 2.0 endpoint over HTTP. */
export interface JsonRpc {
  /**
   * A method the endpoint does not know is not asked for again for some minutes.
   * @throws Unavailable with one of its reasons; never the endpoint's own words, which may be hostile, nor its
   * address, which may hold a key.
   */
  call<T>(
    method: string,
    parameters: unknown[] | Record<string, unknown>,
    schema: z.ZodType<T>,
    signal?: AbortSignal,
  ): Promise<T>
}

export function createJsonRpc({ url, deadlineMs, maxAnswerBytes }: JsonRpcOptions): JsonRpc {
  let lastId = 0
  /** Methods the endpoint does not know, with the time to ask again. */
  const unsupported = new Map<string, number>()
  return {
    async call(method, parameters, schema, signal) {
      const now = performance.now()
      if (now < (unsupported.get(method) ?? 0)) throw new Unavailable('not-supported')
      lastId += 1
      const { text } = await boundedRequest({
        url,
        deadlineMs,
        maxBytes: maxAnswerBytes,
        accept: 'application/json',
        body: JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params: parameters }),
        signal,
      })
      try {
        return readAnswer(text, schema)
      } catch (error) {
        if (error instanceof RpcError && error.reason === 'not-supported') {
          unsupported.set(method, now + UNSUPPORTED_FOR_MS)
        }
        throw error
      }
    },
  }
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
  if (error !== undefined) throw new RpcError(error.code, error.data)
  const parsed = schema.safeParse(result)
  if (!parsed.success) throw new Unavailable('wrong-shape')
  return parsed.data
}
