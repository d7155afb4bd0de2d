import type { StateAnswer, StateRefusal } from '../ports.ts'
import { RpcRefusedError } from './rpc-endpoint.ts'
import type { RpcPool } from './rpc-pool.ts'

/** JSON-RPC's code for a method that is not there; some endpoints say so in words under another code. */
const METHOD_NOT_FOUND = -32_601
const NOT_OFFERED = /method|not (supported|available|allowed|enabled)|unsupported|whitelist/i

/** What the endpoints answer, or why none does. Does not reject but for the signal. */
export async function stateProofFrom(
  pool: Pick<RpcPool, 'ask'>,
  question: { contract: string; slots: readonly string[]; block: number | 'latest' },
  signal?: AbortSignal,
): Promise<StateAnswer | StateRefusal> {
  const { contract, slots, block } = question
  const outcome = await pool.ask((endpoint) => endpoint.stateProof(contract, slots, block, signal), signal)
  if (outcome === undefined) return 'unreachable'
  if ('answer' in outcome) return outcome.answer
  const { error } = outcome
  if (!(error instanceof RpcRefusedError)) return 'unreachable'
  const isOffered = error.code !== METHOD_NOT_FOUND && !NOT_OFFERED.test(error.message)
  return isOffered ? 'state-gone' : 'not-offered'
}
