import { Interface } from 'ethers'
import type { Clock } from '../ports.ts'
import { ethCall } from './eth-call.ts'
import { RecentMap } from './recent-map.ts'
import { recoverAddress } from './secp256k1-signature.ts'
import type { ContractAnswer } from './verifier-protocol.ts'

/** Asks contracts about signatures made in their name (ERC-1271). */
export interface ContractSignatureChecker {
  /**
   * @param contract lower-case 0x address
   * @returns `unavailable` when no endpoint answers
   */
  check(contract: string, hash: Uint8Array, signature: Uint8Array): Promise<ContractAnswer>
}

export interface ContractSignatureOptions {
  /** Asked in this order until one answers. None means that contract signatures stay pending. */
  rpcUrls: readonly string[]
  clock: Clock
}

const ERC_1271 = new Interface([
  'function isValidSignature(bytes32 hash, bytes signature) view returns (bytes4)',
])

/** What `isValidSignature` returns for a good signature, padded to a word as the ABI does. */
const ACCEPTED = '0x1626ba7e'.padEnd(66, '0')

/** As long as Streamr's SDK trusts an answer about one signer of one contract. */
const ANSWER_LIFETIME_MS = 600_000
const MAX_KEPT_ANSWERS = 4_096

/** Calls under way at a time; others wait. More would be a burden on a public endpoint. */
const MAX_CALLS = 8

/**
 * A checker over JSON-RPC. As Streamr's SDK does, it remembers a contract's answer per signer for ten minutes:
 * contracts decide by who signed, and asking for each message would take a call a message. What a contract says
 * now is taken for what it said when the message was made; the chain's past is not asked.
 */
export function createContractSignatureChecker(options: ContractSignatureOptions): ContractSignatureChecker {
  return new RpcChecker(options)
}

interface KeptAnswer {
  answer: ContractAnswer
  until: number
}

class RpcChecker implements ContractSignatureChecker {
  readonly #options: ContractSignatureOptions
  readonly #kept = new RecentMap<string, KeptAnswer>(MAX_KEPT_ANSWERS)
  readonly #waiting: (() => void)[] = []
  #calls = 0

  constructor(options: ContractSignatureOptions) {
    this.#options = options
  }

  async check(contract: string, hash: Uint8Array, signature: Uint8Array): Promise<ContractAnswer> {
    const signer = recoverAddress(hash, signature)
    const key = signer === undefined ? undefined : `${contract} ${signer}`
    const kept = this.#keptAnswer(key)
    if (kept !== undefined) return kept
    await this.#enter()
    try {
      const answer = this.#keptAnswer(key) ?? (await this.#ask(contract, hash, signature))
      if (key !== undefined && answer !== 'unavailable') {
        this.#kept.set(key, { answer, until: this.#options.clock.now() + ANSWER_LIFETIME_MS })
      }
      return answer
    } finally {
      this.#leave()
    }
  }

  #keptAnswer(key: string | undefined): ContractAnswer | undefined {
    const kept = key === undefined ? undefined : this.#kept.get(key)
    return kept !== undefined && this.#options.clock.now() < kept.until ? kept.answer : undefined
  }

  async #ask(contract: string, hash: Uint8Array, signature: Uint8Array): Promise<ContractAnswer> {
    const data = ERC_1271.encodeFunctionData('isValidSignature', [hash, signature])
    const outcome = await ethCall(this.#options.rpcUrls, contract, data)
    if (outcome === 'unavailable') return 'unavailable'
    // No data at all is what an address without a contract returns.
    return outcome !== 'reverted' && outcome.data.toLowerCase() === ACCEPTED ? 'accepted' : 'refused'
  }

  async #enter(): Promise<void> {
    if (this.#calls < MAX_CALLS) this.#calls += 1
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** Hands the place on to whoever waits longest. */
  #leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#calls -= 1
    else next()
  }
}
