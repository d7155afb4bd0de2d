import type { EndpointHealth } from '../../../shared/environment.ts'
import type { Clock } from '../ports.ts'
import { RpcEndpoint, RpcTransportError } from './rpc-endpoint.ts'

/** How long an endpoint that failed is left alone: doubled with each failure in a row, up to the last. */
const COOL_DOWNS_MS = [500, 1_000, 2_000, 5_000, 15_000, 60_000]

interface Entry {
  endpoint: RpcEndpoint
  failuresInARow: number
  availableAt: number
  checked: boolean
  problem: string | null
}

/**
 * Several RPC endpoints of one chain: the first that works is used, and the others when it fails.
 * An endpoint of another chain is never used.
 */
export class RpcPool {
  readonly #entries: Entry[]
  readonly #chainId: number
  readonly #clock: Clock

  constructor(urls: readonly string[], chainId: number, clock: Clock) {
    if (urls.length === 0) throw new TypeError('At least one RPC endpoint is needed')
    this.#chainId = chainId
    this.#clock = clock
    this.#entries = urls.map((url) => ({
      endpoint: new RpcEndpoint(url),
      failuresInARow: 0,
      availableAt: 0,
      checked: false,
      problem: null,
    }))
  }

  /** Milliseconds until some endpoint may be asked again; 0 when one may be now. */
  waitMs(): number {
    return Math.max(0, Math.min(...this.#entries.map((entry) => entry.availableAt)) - this.#clock.now())
  }

  health(): EndpointHealth[] {
    return this.#entries.map((entry) => ({
      url: entry.endpoint.label,
      ok: entry.problem === null,
      failuresInARow: entry.failuresInARow,
      problem: entry.problem,
    }))
  }

  /**
   * Does `work` with the first endpoint that can; on to the next when it fails. All of `work` sees one
   * endpoint, because two may be at different blocks.
   * @throws the last error when every endpoint failed or is cooling down
   */
  async use<T>(work: (endpoint: RpcEndpoint) => Promise<T>, signal: AbortSignal): Promise<T> {
    let lastError: unknown = new RpcTransportError('Every endpoint failed a moment ago')
    for (const entry of this.#entries) {
      if (entry.availableAt > this.#clock.now()) continue
      try {
        await this.#checkChain(entry, signal)
        const result = await work(entry.endpoint)
        entry.failuresInARow = 0
        entry.problem = null
        return result
      } catch (error) {
        signal.throwIfAborted()
        lastError = error
        this.#markFailed(entry, error)
      }
    }
    throw lastError
  }

  /**
   * Asks one endpoint after the other until one gives an answer. That it cannot speaks against none of them.
   * @returns the last reason why there is no answer, or undefined when no endpoint could be asked
   */
  async ask<T>(
    question: (endpoint: RpcEndpoint) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<{ answer: T } | { error: unknown } | undefined> {
    let outcome: { error: unknown } | undefined
    for (const { endpoint, checked } of this.#entries) {
      if (!checked) continue
      try {
        return { answer: await question(endpoint) }
      } catch (error) {
        signal?.throwIfAborted()
        outcome = { error }
      }
    }
    return outcome
  }

  async #checkChain(entry: Entry, signal: AbortSignal): Promise<void> {
    if (entry.checked) return
    const chainId = await entry.endpoint.chainId(signal)
    if (chainId !== this.#chainId) {
      throw new RpcTransportError(`It serves chain ${chainId} instead of ${this.#chainId}`)
    }
    entry.checked = true
  }

  #markFailed(entry: Entry, error: unknown): void {
    const coolDown = COOL_DOWNS_MS[Math.min(entry.failuresInARow, COOL_DOWNS_MS.length - 1)] ?? 0
    entry.failuresInARow += 1
    entry.availableAt = this.#clock.now() + coolDown
    // After a failure somebody else may answer under the same address.
    entry.checked = false
    entry.problem = error instanceof Error ? error.message : String(error)
  }
}
