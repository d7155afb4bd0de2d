import type { Multiaddr } from '@multiformats/multiaddr'
import type { Clock, Logger } from '../../ports.ts'
import { AddressBook } from './address-book.ts'

/** How often sources are asked and addresses dialled, ms. */
const ROUND_MS = 30_000

/** Dials under way at once. */
const PARALLEL_DIALS = 4

/** With this many peers no more are looked for. */
const ENOUGH_PEERS = 32

/** Somewhere peers' multiaddrs can be had: a list, the registry of storage nodes, the peers of last time. */
export interface AddressSource {
  readonly name: string
  multiaddrs(signal: AbortSignal): Promise<readonly string[]>
}

export interface PeerFinderOptions {
  sources: readonly AddressSource[]
  connected: () => ReadonlySet<string>
  dial: (address: Multiaddr, signal: AbortSignal) => Promise<void>
  clock: Clock
  logger: Logger
}

/** Keeps looking for peers while there are few: asks the sources, dials what is due, backs off from what fails. */
export class PeerFinder {
  readonly #options: PeerFinderOptions
  readonly #book: AddressBook
  readonly #stopped = new AbortController()
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined

  constructor(options: PeerFinderOptions) {
    this.#options = options
    this.#book = new AddressBook(options.clock)
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The node stops.'))
    this.#wake?.()
    await this.#running
  }

  /** Takes addresses that were found otherwise, and begins the next round at once. */
  add(source: string, addresses: readonly string[]): void {
    this.#book.add(source, addresses)
    this.#wake?.()
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#ask()
      await this.#dialDue()
      await this.#pause()
    }
  }

  async #ask(): Promise<void> {
    const { sources, logger } = this.#options
    for (const source of sources) {
      try {
        const { unusable } = this.#book.add(source.name, await source.multiaddrs(this.#stopped.signal))
        if (unusable > 0)
          logger.debug({ source: source.name, unusable }, 'addresses of peers that cannot be used')
      } catch (error) {
        if (!this.#stopped.signal.aborted)
          logger.warn({ source: source.name, error }, 'peers cannot be looked up')
      }
    }
  }

  async #dialDue(): Promise<void> {
    const { connected } = this.#options
    const missing = ENOUGH_PEERS - connected().size
    if (missing <= 0) return
    const due = this.#book.due(missing, connected())
    const dialNext = async (): Promise<void> => {
      for (let next = due.shift(); next !== undefined; next = due.shift()) await this.#dial(next.address)
    }
    await Promise.all(Array.from({ length: PARALLEL_DIALS }, dialNext))
  }

  async #dial(address: Multiaddr): Promise<void> {
    if (this.#stopped.signal.aborted) return
    try {
      await this.#options.dial(address, this.#stopped.signal)
      this.#book.reached(address)
    } catch (error) {
      this.#book.failed(address)
      this.#options.logger.debug({ address: address.toString(), error }, 'a peer could not be reached')
    }
  }

  async #pause(): Promise<void> {
    if (this.#stopped.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ROUND_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = undefined
  }
}
