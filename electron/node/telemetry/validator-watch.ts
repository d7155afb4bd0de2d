import { commitSchema, type Status, validatorsSchema } from './cometbft-answers.ts'
import type { JsonRpc } from './json-rpc.ts'
import { MAX_COMMITS_PER_SAMPLE, MAX_VALIDATOR_PAGES, VALIDATORS_EVERY_MS } from './limits.ts'
import { atMostEvery } from './readings.ts'

const SIGNED_THE_BLOCK = 2
const VALIDATORS_PER_PAGE = 100

export interface Signatures {
  checked: number
  missed: number
  missedInRow: number
  skipped: number
}

/** The signatures of one validator, commit by commit. */
export interface ValidatorWatch {
  /** Looks at the commits since the last call, up to `height`, and answers the counts since the start. */
  signatures(height: number, signal?: AbortSignal): Promise<Signatures>
  /** 0 when the validator is not in the set. */
  votingPower(status: Status, signal?: AbortSignal): Promise<number>
}

/** @param validator consensus address, 40 hex digits */
export function createValidatorWatch(rpc: JsonRpc, validator: string): ValidatorWatch {
  const wanted = validator.toUpperCase()
  const counts: Signatures = { checked: 0, missed: 0, missedInRow: 0, skipped: 0 }
  /** The newest height that was looked at. */
  let seen: number | undefined

  async function lookAt(height: number, signal: AbortSignal | undefined): Promise<void> {
    const { signed_header } = await rpc.call('commit', { height: String(height) }, commitSchema, signal)
    const hasSigned = signed_header.commit.signatures.some(
      ({ block_id_flag, validator_address }) =>
        block_id_flag === SIGNED_THE_BLOCK && validator_address.toUpperCase() === wanted,
    )
    counts.checked += 1
    counts.missed += hasSigned ? 0 : 1
    counts.missedInRow = hasSigned ? 0 : counts.missedInRow + 1
    seen = height
  }

  async function findVotingPower(signal: AbortSignal | undefined): Promise<number> {
    for (let page = 1; page <= MAX_VALIDATOR_PAGES; page++) {
      const parameters = { page: String(page), per_page: String(VALIDATORS_PER_PAGE) }
      const answer = await rpc.call('validators', parameters, validatorsSchema, signal)
      const found = answer.validators.find(({ address }) => address.toUpperCase() === wanted)
      if (found !== undefined) return found.voting_power
      if (page * VALIDATORS_PER_PAGE >= answer.total) break
    }
    return 0
  }
  const fromSet = atMostEvery(VALIDATORS_EVERY_MS, findVotingPower)

  return {
    async signatures(height, signal) {
      // A chain that went back (a testnet begun anew) is counted from where it stands now.
      if (seen === undefined || height < seen) seen = height - 1
      const first = Math.max(seen + 1, height - MAX_COMMITS_PER_SAMPLE + 1)
      counts.skipped += first - seen - 1
      seen = first - 1
      for (let next = first; next <= height; next++) await lookAt(next, signal)
      return { ...counts }
    },
    async votingPower(status, signal) {
      // The node's own validator needs no list.
      const own = status.validator_info
      return own.address.toUpperCase() === wanted ? own.voting_power : fromSet(signal)
    },
  }
}
