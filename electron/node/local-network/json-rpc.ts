import { TidemarkError } from '../../../shared/errors.ts'

/** A call to the chain on this machine answers in milliseconds; ten seconds means that it hangs. */
const CALL_TIMEOUT_MS = 10_000

interface JsonRpcResponse {
  result?: unknown
  error?: { code: number; message: string }
}

/** The chain answered, and said no. */
class JsonRpcError extends Error {
  override readonly name = 'JsonRpcError'
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * One JSON-RPC call to the chain this process started. It is not for chains of others: the size of an answer
 * is bounded by what our own child holds.
 * @throws JsonRpcError when the chain refuses the call
 * @throws TidemarkError `chain-unavailable` when it cannot be reached within ten seconds
 */
export async function callChain(
  rpcUrl: string,
  method: string,
  params: readonly unknown[] = [],
  signal?: AbortSignal,
): Promise<unknown> {
  const deadline = AbortSignal.timeout(CALL_TIMEOUT_MS)
  let response: JsonRpcResponse
  try {
    const answer = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
    })
    response = (await answer.json()) as JsonRpcResponse
  } catch (cause) {
    throw new TidemarkError(
      'chain-unavailable',
      'The chain of the local network does not answer.',
      'It is started again by itself; if it stays away, restart Tidemark.',
      { cause },
    )
  }
  if (response.error !== undefined) throw new JsonRpcError(response.error.code, response.error.message)
  return response.result
}
