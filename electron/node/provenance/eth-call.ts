import { z } from 'zod'

/** Longest wait for one endpoint, ms; the verifier's own deadline covers two of them. */
const CALL_TIMEOUT_MS = 4_000

/** Most that is read of an answer: the calls made here return one word. */
const MAX_ANSWER_BYTES = 65_536

/** JSON-RPC's code for a call that the contract reverted (geth, anvil, Erigon, Nethermind). */
const REVERTED = 3

export type CallOutcome = { data: string } | 'reverted' | 'unavailable'

const answerShape = z.union([
  z.object({ result: z.string().regex(/^0x[0-9a-fA-F]*$/) }),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
])

/**
 * Calls a contract at the latest block, at the first endpoint that answers. Does not reject: an endpoint that is
 * silent, slow or makes no sense is as good as none.
 */
export async function ethCall(rpcUrls: readonly string[], to: string, data: string): Promise<CallOutcome> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to, data }, 'latest'] })
  for (const url of rpcUrls) {
    const outcome = await callOne(url, body)
    if (outcome !== 'unavailable') return outcome
  }
  return 'unavailable'
}

async function callOne(url: string, body: string): Promise<CallOutcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
    })
    const answer = answerShape.parse(JSON.parse(await readBounded(response)))
    if ('result' in answer) return { data: answer.result }
    const isRevert = answer.error.code === REVERTED || /revert/i.test(answer.error.message)
    return isRevert ? 'reverted' : 'unavailable'
  } catch {
    // Network, time limit, HTTP status, JSON or shape: none of them says anything about the contract.
    return 'unavailable'
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength
    if (sizeBytes > MAX_ANSWER_BYTES)
      throw new RangeError(`The answer has more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
