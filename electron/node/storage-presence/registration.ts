import { isDeepStrictEqual } from 'node:util'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import type { RegistrationView, Sentence, TransactionCost } from '../../../shared/storage.ts'
import type { Logger } from '../ports.ts'
import { MAX_ADDRESS_LENGTH, MAX_ADDRESSES } from './limits.ts'
import type { ChainEntryChange, NodeMetadata, StorageNodeEntry } from './ports.ts'

/** Where others reach this node: its storage HTTP interface and its peer-to-peer host. */
export interface Advertisement {
  urls: readonly string[]
  multiaddrs: readonly string[]
}

export interface RegistrationOptions {
  entry: StorageNodeEntry
  /** Write without asking: only where gas is free. */
  automatic: boolean
  onChange: () => void
  logger: Logger
}

const NOBODY: Advertisement = { urls: [], multiaddrs: [] }

/**
 * Keeps what the chain says of this node in step with where it is reached. A change costs gas, so it is written when
 * the operator confirms it and has seen the cost, or at once where gas is free.
 */
export class Registration {
  readonly #options: RegistrationOptions
  #wanted: Advertisement = NOBODY
  #state: RegistrationView['state'] = 'unknown'
  #change: ChainEntryChange | null = null
  #cost: TransactionCost | null = null
  #problem: Sentence | null = null
  /** Calls are carried out one after the other: two transactions of one account must not race. */
  #queue: Promise<void> = Promise.resolve()

  constructor(options: RegistrationOptions) {
    this.#options = options
  }

  view(): RegistrationView {
    return { ...this.#wanted, state: this.#state, cost: this.#cost, problem: this.#problem }
  }

  /**
   * Says where the node is reached from now on; compares it with the chain and, where allowed, writes it there. A
   * chain that does not answer is told in `view`, and `refresh` tries again.
   * @throws TidemarkError `invalid-input` for addresses that are too many, too long or not of their kind
   */
  async advertise(advertisement: Advertisement, signal?: AbortSignal): Promise<void> {
    this.#wanted = checkAdvertisement(advertisement)
    await this.refresh(signal)
  }

  /** Compares with the chain again. */
  refresh(signal?: AbortSignal): Promise<void> {
    return this.#enqueue(() => this.#compare(signal))
  }

  /**
   * Writes the change that waits, at the cost shown.
   * @throws TidemarkError when the chain refuses it or cannot be reached
   */
  confirm(signal?: AbortSignal): Promise<void> {
    return this.#enqueue(async () => {
      await this.#compare(signal)
      if (this.#change !== null) await this.#write(this.#change, signal)
    })
  }

  /**
   * Takes the node out of the registry.
   * @throws TidemarkError when the chain refuses it or cannot be reached
   */
  withdraw(signal?: AbortSignal): Promise<void> {
    return this.#enqueue(() => {
      this.#wanted = NOBODY
      return this.#write({ metadata: null }, signal)
    })
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(task)
    this.#queue = done.catch(() => undefined)
    return done
  }

  async #compare(signal: AbortSignal | undefined): Promise<void> {
    const { entry, automatic } = this.#options
    try {
      const present = await entry.read(signal)
      const change: ChainEntryChange = {}
      const metadata = merge(present.metadata, this.#wanted)
      if (this.#wanted.urls.length > 0 && !isDeepStrictEqual(metadata, present.metadata))
        change.metadata = metadata
      if (this.#wanted.urls.length > 0 && !present.hasAssignmentStream) change.createAssignmentStream = true
      const isNeeded = Object.keys(change).length > 0
      this.#change = isNeeded ? change : null
      this.#cost = isNeeded && !automatic ? await entry.estimate(change, signal) : null
      this.#settle(isNeeded ? 'unconfirmed' : present.metadata === null ? 'absent' : 'registered', null)
      if (isNeeded && automatic) await this.#write(change, signal)
    } catch (error) {
      if (signal?.aborted) throw error
      this.#options.logger.warn({ error }, 'the storage-node registry could not be compared with this node')
      this.#settle(this.#state, toSentence(error))
    }
  }

  async #write(change: ChainEntryChange, signal: AbortSignal | undefined): Promise<void> {
    const before = this.#state
    this.#settle('writing', null)
    try {
      await this.#options.entry.write(change, signal)
      this.#change = null
      this.#cost = null
      this.#settle(change.metadata === null ? 'absent' : 'registered', null)
    } catch (error) {
      this.#settle(before, toSentence(error))
      throw error
    }
  }

  #settle(state: RegistrationView['state'], problem: Sentence | null): void {
    this.#state = state
    this.#problem = problem
    this.#options.onChange()
  }
}

/** Streamr's own keys and those of other programs stay. */
function merge(present: NodeMetadata | null, { urls, multiaddrs }: Advertisement): NodeMetadata {
  return { ...present, urls: [...urls], ...(multiaddrs.length > 0 ? { multiaddrs: [...multiaddrs] } : {}) }
}

function checkAdvertisement({ urls, multiaddrs }: Advertisement): Advertisement {
  for (const addresses of [urls, multiaddrs]) {
    if (addresses.length > MAX_ADDRESSES) throw invalid(`more than ${MAX_ADDRESSES} addresses`)
    if (addresses.some((address) => address.length > MAX_ADDRESS_LENGTH))
      throw invalid('an address that is too long')
  }
  const notHttp = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  if (notHttp !== undefined) throw invalid(`"${notHttp.slice(0, 80)}", which is no http or https address`)
  // Streamr's clients put a path behind it.
  return { urls: urls.map((url) => url.replace(/\/+$/, '')), multiaddrs: [...multiaddrs] }
}

function invalid(what: string): TidemarkError {
  return new TidemarkError(
    'invalid-input',
    `This node cannot be registered with ${what}.`,
    'Correct the public address of the storage interface in the settings.',
  )
}

function toSentence(error: unknown): Sentence {
  const { message, remedy } = toErrorView(error)
  return { message, remedy }
}
