import { type ErrorCode, TidemarkError } from '../../../shared/errors.ts'

/** Longest chain of causes that is looked through. */
const MAX_CAUSES = 8

interface ErrorLike {
  code?: unknown
  message?: unknown
  reason?: unknown
  cause?: unknown
  error?: unknown
}

function* withCauses(error: unknown): Generator<{ code: string; text: string }> {
  const queue = [error]
  for (let count = 0; count < MAX_CAUSES && queue.length > 0; count++) {
    const next = queue.shift()
    if (typeof next !== 'object' || next === null) continue
    const { code, message, reason, cause, error: inner } = next as ErrorLike
    yield { code: String(code ?? ''), text: `${String(message ?? '')} ${String(reason ?? '')}` }
    queue.push(cause, inner, reason)
  }
}

interface Rule {
  code: ErrorCode
  matches: RegExp
  sentence: string
  remedy: string
}

/** First match wins; the texts looked for are the SDK's codes, ethers' codes and the contracts' revert reasons. */
const RULES: Rule[] = [
  {
    code: 'stream-not-found',
    matches: /STREAM_NOT_FOUND|error_streamDoesNotExist/,
    sentence: 'There is no such stream in this environment.',
    remedy: 'Check the stream id and the environment it was made in.',
  },
  {
    code: 'stream-no-permission',
    matches:
      /MISSING_PERMISSION|error_no(Share|Edit|Delete)Permission|error_notOwnerOfENSName|not in namespace of/,
    sentence: 'This node’s identity has no permission to do this with the stream.',
    remedy: 'Ask the owner of the stream to grant it to the address of this node.',
  },
  {
    code: 'invalid-input',
    matches:
      /INVALID_ARGUMENT|INVALID_STREAM_METADATA|error_(streamAlreadyExists|invalidPathChars|pathMustStartWithSlash)|stream id .* not valid/,
    sentence: 'The stream cannot be made or used like this: its id exists already or is not well formed.',
    remedy: 'Choose another path of letters, digits, dots, dashes and slashes.',
  },
  {
    code: 'chain-unavailable',
    matches: /INSUFFICIENT_FUNDS|insufficient funds/,
    sentence: 'This node’s account cannot pay for the transaction.',
    remedy: 'Send gas to the address of this node and try again.',
  },
  {
    code: 'rpc-unreachable',
    matches:
      /NETWORK_ERROR|SERVER_ERROR|TIMEOUT|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|fetch failed|quorum not met|Could not reach the|missing response/,
    sentence: 'No RPC endpoint of the chain answers.',
    remedy: 'Check the network connection and the endpoints in the settings. What is stored stays readable.',
  },
]

/** Turns whatever the SDK throws into an error a user can act on; one that is not known stays as it is. */
export function toTidemarkError(error: unknown): unknown {
  if (error instanceof TidemarkError) return error
  const layers = [...withCauses(error)]
  for (const rule of RULES) {
    if (layers.some(({ code, text }) => rule.matches.test(code) || rule.matches.test(text))) {
      return new TidemarkError(rule.code, rule.sentence, rule.remedy, { cause: error })
    }
  }
  return error
}
