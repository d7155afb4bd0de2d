import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../ports.ts'

/** Most addresses remembered from all sources together. */
const MAX_ADDRESSES = 2_000

/** Longest multiaddr that is read, in characters. */
const MAX_ADDRESS_LENGTH = 512

/** An address that could not be reached is tried again after this long, twice as long each time, up to the most. */
const FIRST_RETRY_MS = 15_000
const LONGEST_RETRY_MS = 3_600_000

interface Entry {
  readonly address: Multiaddr
  readonly source: string
  failures: number
  retryAt: number
}

/** A peer's id at the end of its multiaddr, or `undefined`. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === 'p2p')?.value
}

/** Where peers may be found, and when each place is worth another try. */
export class AddressBook {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes what a source says; what is not a multiaddr that names its peer is left out and counted. */
  add(source: string, addresses: readonly string[]): { unusable: number } {
    let unusable = 0
    for (const text of addresses) {
      const address = readAddress(text)
      if (address === undefined) unusable += 1
      else if (!this.#entries.has(text) && this.#entries.size < MAX_ADDRESSES) {
        this.#entries.set(text, { address, source, failures: 0, retryAt: 0 })
      }
    }
    return { unusable }
  }

  /** Addresses that are due, at most `limit`, those that failed least first, without those of `connected` peers. */
  due(limit: number, connected: ReadonlySet<string>): { peerId: string; address: Multiaddr }[] {
    const now = this.#clock.now()
    return [...this.#entries.values()]
      .filter(({ retryAt }) => retryAt <= now)
      .sort((a, b) => a.failures - b.failures)
      .flatMap(({ address }) => {
        const peerId = peerIdOf(address)
        return peerId === undefined || connected.has(peerId) ? [] : [{ peerId, address }]
      })
      .slice(0, limit)
  }

  reached(address: Multiaddr): void {
    const entry = this.#entries.get(address.toString())
    if (entry === undefined) return
    entry.failures = 0
    entry.retryAt = this.#clock.now() + FIRST_RETRY_MS
  }

  failed(address: Multiaddr): void {
    const entry = this.#entries.get(address.toString())
    if (entry === undefined) return
    entry.retryAt = this.#clock.now() + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.failures)
    entry.failures += 1
  }
}

function readAddress(text: string): Multiaddr | undefined {
  if (text.length > MAX_ADDRESS_LENGTH) return undefined
  try {
    const address = multiaddr(text)
    return peerIdOf(address) === undefined ? undefined : address
  } catch {
    return undefined
  }
}
