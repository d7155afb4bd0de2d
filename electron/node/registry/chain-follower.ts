import type { Clock, Logger } from '../ports.ts'
import {
  decodeRegistryLog,
  type RawLog,
  REGISTRY_TOPICS,
  type RegistryAddresses,
  type RegistryEvent,
} from './registry-contracts.ts'
import type { IndexedBlock, RegistryTables, Touched } from './registry-tables.ts'
import { type BlockHeader, type RpcEndpoint, RpcRefusedError, RpcTransportError } from './rpc-endpoint.ts'

/** Blocks asked for at once to begin with; many public endpoints refuse more than 10,000. */
const INITIAL_RANGE_BLOCKS = 2_000
const MAX_RANGE_BLOCKS = 10_000
/** Headers fetched at the same time for the times of blocks with events. */
const HEADER_CONCURRENCY = 8
/** Events written in one transaction: a longer one would hold up the thread. */
const MAX_EVENTS_PER_STEP = 500
/** Steps without events are written down this often; after a crash those since are read again. */
const WRITE_INTERVAL_MS = 30_000
const MAX_UNWRITTEN_BLOCKS = 64

export interface ChainFollowerOptions {
  tables: RegistryTables
  contracts: RegistryAddresses
  /** Null to begin at the newest block. */
  startBlock: number | null
  /** Blocks at the tip that are left alone because they may still be replaced. */
  confirmations: number
  /** Deepest reorganisation that is believed, in blocks. */
  maxReorgDepth: number
  clock: Clock
  logger: Logger
  onTouched(touched: Touched): void
}

/** The chain changed under the work: it is begun again from where it was. */
class ChainMovedError extends Error {
  override readonly name = 'ChainMovedError'
}

/** Follows the chain with one endpoint at a time and writes what it finds into the tables. */
export class ChainFollower {
  readonly #options: ChainFollowerOptions
  /** Blocks stood at since the last write: not on disk yet, and without events. */
  #unwritten: BlockHeader[] = []
  #written: BlockHeader | undefined
  #lastWriteAt = 0
  #rangeBlocks = INITIAL_RANGE_BLOCKS
  #chainHead: number | undefined
  /** Logs of the contracts that could not be read or were larger than the bounds. */
  refusedLogs = 0

  constructor(options: ChainFollowerOptions) {
    this.#options = options
    this.#written = options.tables.head()
  }

  /** The block up to which everything is in the index. */
  get head(): BlockHeader | undefined {
    return this.#unwritten.at(-1) ?? this.#written
  }

  /** The newest block any endpoint spoke of. */
  get chainHead(): number | undefined {
    return this.#chainHead
  }

  /** Goes forward once. Returns whether the index is now where it can be. */
  async advance(endpoint: RpcEndpoint, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#advance(endpoint, signal)
    } catch (error) {
      if (!(error instanceof ChainMovedError)) throw error
      return false
    }
  }

  async #advance(endpoint: RpcEndpoint, signal: AbortSignal): Promise<boolean> {
    const latest = await endpoint.block('latest', signal)
    if (latest === null) throw new RpcTransportError(`${endpoint.label} has no newest block`)
    this.#chainHead = latest.number
    await this.#stayOnChain(endpoint, latest, signal)

    const target = latest.number - this.#options.confirmations
    const from =
      this.head === undefined ? Math.max(0, this.#options.startBlock ?? target) : this.head.number + 1
    if (from > target) return true
    const to = Math.min(target, from + this.#rangeBlocks - 1)
    await this.#index(endpoint, from, to, latest, signal)
    return this.head?.number === target
  }

  /** Writes down how far the index is, so that it need not be read again. */
  flush(): void {
    if (this.#unwritten.length === 0) return
    this.#options.tables.apply({ events: [], blocks: this.#unwritten.map(withoutEvents) })
    this.#written = this.#unwritten.at(-1)
    this.#unwritten = []
    this.#lastWriteAt = this.#options.clock.now()
  }

  async #stayOnChain(endpoint: RpcEndpoint, latest: BlockHeader, signal: AbortSignal): Promise<void> {
    const { head } = this
    if (head === undefined) return
    // An endpoint a little behind is no reorganisation, as far as blocks wait for confirmation anyway.
    if (latest.number < head.number && head.number - latest.number <= this.#options.confirmations) return
    const now =
      head.number === latest.number ? latest : await this.#blockOf(endpoint, head.number, latest, signal)
    if (now?.hash === head.hash) return
    this.flush()
    const ancestor = await this.#commonAncestor(endpoint, latest, signal)
    if (head.number - ancestor > this.#options.maxReorgDepth) {
      throw new RpcTransportError(
        `${endpoint.label} tells of a reorganisation of ${head.number - ancestor} blocks, which is not believed`,
      )
    }
    this.#options.logger.warn({ from: head.number, to: ancestor }, 'the chain was reorganised: rolling back')
    const touched = this.#options.tables.rollBackTo(ancestor)
    this.#written = this.#options.tables.head()
    this.#options.onTouched(touched)
  }

  async #blockOf(
    endpoint: RpcEndpoint,
    number: number,
    latest: BlockHeader,
    signal: AbortSignal,
  ): Promise<BlockHeader | null> {
    return number > latest.number ? null : endpoint.block(number, signal)
  }

  /**
   * The newest remembered block the chain still has; -1 when there is none. Blocks of one chain agree up to
   * some height and differ above, so a binary search finds it.
   */
  async #commonAncestor(endpoint: RpcEndpoint, latest: BlockHeader, signal: AbortSignal): Promise<number> {
    const numbers = this.#options.tables.blockNumbers()
    let agreed = -1
    let low = 0
    let high = numbers.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const number = numbers[middle]
      if (number === undefined) break
      const now = await this.#blockOf(endpoint, number, latest, signal)
      if (now !== null && now.hash === this.#options.tables.block(number)?.hash) {
        agreed = number
        low = middle + 1
      } else {
        high = middle - 1
      }
    }
    return agreed
  }

  async #index(
    endpoint: RpcEndpoint,
    from: number,
    to: number,
    latest: BlockHeader,
    signal: AbortSignal,
  ): Promise<void> {
    const { contracts } = this.#options
    // The header first: should the chain change in between, the next round sees another hash and steps back.
    const end = to === latest.number ? latest : await endpoint.block(to, signal)
    if (end === null) throw new RpcTransportError(`${endpoint.label} does not have block ${to}`)
    const logs = await this.#logs(endpoint, from, to, contracts, signal)
    if (logs === undefined) return
    const blocks = await this.#headersOf(endpoint, logs, signal)
    const events = this.#decode(logs)
    if (events.length === 0) this.#standAt(end)
    else this.#write(events, blocks, end)
    this.#rangeBlocks = Math.min(this.#rangeBlocks * 2, MAX_RANGE_BLOCKS)
  }

  /** `undefined` when the endpoint wants a shorter range, which is then taken. */
  async #logs(
    endpoint: RpcEndpoint,
    from: number,
    to: number,
    contracts: RegistryAddresses,
    signal: AbortSignal,
  ): Promise<RawLog[] | undefined> {
    try {
      const addresses = Object.values(contracts)
      const logs = await endpoint.logs({ from, to, addresses, topics: REGISTRY_TOPICS }, signal)
      const inside = logs.filter((log) => log.block >= from && log.block <= to)
      return inside.sort((a, b) => a.block - b.block || a.logIndex - b.logIndex)
    } catch (error) {
      if (from === to || !(error instanceof RpcRefusedError)) throw error
      this.#rangeBlocks = Math.max(1, (to - from + 1) >> 1)
      this.#options.logger.debug({ from, to, error }, 'a shorter range of blocks is asked for')
      return undefined
    }
  }

  async #headersOf(
    endpoint: RpcEndpoint,
    logs: readonly RawLog[],
    signal: AbortSignal,
  ): Promise<IndexedBlock[]> {
    const hashes = new Map(logs.map((log) => [log.block, log.blockHash]))
    const wanted = [...hashes]
    const headers: IndexedBlock[] = []
    for (let start = 0; start < wanted.length; start += HEADER_CONCURRENCY) {
      const batch = wanted.slice(start, start + HEADER_CONCURRENCY)
      const found = await Promise.all(batch.map(([number]) => endpoint.block(number, signal)))
      for (const [index, header] of found.entries()) {
        if (header === null || header.hash !== batch[index]?.[1]) throw new ChainMovedError()
        headers.push({ ...header, hasEvents: true })
      }
    }
    return headers
  }

  #decode(logs: readonly RawLog[]): RegistryEvent[] {
    const events: RegistryEvent[] = []
    for (const log of logs) {
      try {
        const event = decodeRegistryLog(log, this.#options.contracts)
        if (event !== undefined) events.push(event)
      } catch (error) {
        this.refusedLogs += 1
        const { block, logIndex } = log
        this.#options.logger.warn({ block, logIndex, error }, 'an event of the registry could not be read')
      }
    }
    return events
  }

  #standAt(end: BlockHeader): void {
    this.#unwritten.push(end)
    const due = this.#options.clock.now() - this.#lastWriteAt >= WRITE_INTERVAL_MS
    if (due || this.#unwritten.length >= MAX_UNWRITTEN_BLOCKS) this.flush()
  }

  /** Writes events in steps that end between two blocks; the index stands at the last block of each. */
  #write(events: readonly RegistryEvent[], blocks: readonly IndexedBlock[], end: BlockHeader): void {
    this.flush()
    let start = 0
    while (start < events.length) {
      let stop = Math.min(start + MAX_EVENTS_PER_STEP, events.length)
      while (stop < events.length && events[stop]?.block === events[stop - 1]?.block) stop += 1
      const step = events.slice(start, stop)
      const numbers = new Set(step.map((event) => event.block))
      const stepBlocks = blocks.filter((block) => numbers.has(block.number))
      const last = stop === events.length
      if (last && !numbers.has(end.number)) stepBlocks.push(withoutEvents(end))
      const touched = this.#options.tables.apply({ events: step, blocks: stepBlocks })
      this.#written = this.#options.tables.head()
      this.#options.onTouched(touched)
      start = stop
    }
    this.#lastWriteAt = this.#options.clock.now()
  }
}

function withoutEvents(header: BlockHeader): IndexedBlock {
  return { ...header, hasEvents: false }
}
