import { setTimeout as delay } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { EndpointHealth } from '../../../shared/environment.ts'
import type {
  Clock,
  Logger,
  PermissionAnswer,
  PermissionOracle,
  Startable,
  StateAnswer,
  StateRefusal,
  StateSource,
} from '../ports.ts'
import { Baselines } from './baselines.ts'
import { BlockWaiters } from './block-waiters.ts'
import { ChainFollower } from './chain-follower.ts'
import { answerPermission, type ChainView } from './permission-answer.ts'
import { GRANT_LEAD_MS, LOCAL_GRANT_LEAD_MS } from './permission-history.ts'
import { type RegistryAddresses, type RegistryEvent, ZERO_ADDRESS } from './registry-contracts.ts'
import {
  type RegistryNode,
  type RegistryPermission,
  RegistryQueries,
  type RegistryStream,
  type StreamSearch,
} from './registry-queries.ts'
import { openRegistryDatabase } from './registry-schema.ts'
import { RegistryTables, type Touched } from './registry-tables.ts'
import type { BlockHeader } from './rpc-endpoint.ts'
import { RpcPool } from './rpc-pool.ts'
import { stateProofFrom } from './state-proof.ts'
import { UndecidedStreams } from './undecided-streams.ts'

const LOCAL_CHAIN_ID = 31_337
/** Public endpoints are asked about as often as blocks come; the local one costs nothing. */
const DEFAULT_POLL_INTERVAL_MS = 4_000
const LOCAL_POLL_INTERVAL_MS = 150
/** Two seconds of Polygon for each: replaced blocks are then rare, and the rest is rolled back. */
const DEFAULT_CONFIRMATIONS = 3
/** Beyond it an endpoint is thought to be broken, not the chain; Polygon's deepest was 157 blocks. */
const DEFAULT_MAX_REORG_DEPTH = 1_024

export interface RegistryIndexOptions {
  /** SQLite file of the index alone; it can be built again from the chain. */
  databaseFile: string
  /** Endpoints in the order of preference. */
  rpcUrls: readonly string[]
  chainId: number
  contracts: RegistryAddresses
  /**
   * First block that is read: the one the contracts were deployed in, or a later one; null for the newest when the
   * index is begun. Default: 0.
   */
  startBlock?: number | null
  logger: Logger
  clock?: Clock
  /** Default: 150 on the local chain, 4,000 elsewhere. */
  pollIntervalMs?: number
  /** Newest blocks left alone until others are on top of them. Default: 0 on the local chain, 3 elsewhere. */
  confirmations?: number
  /** See `permission-history.ts`. Default: 1,000 on the local chain, 15,000 elsewhere. */
  grantLeadMs?: number
  /**
   * Whether `startBlock` is at or before the deployment, so that a stream not in the index does not exist.
   * Default: true, unless it is null.
   */
  complete?: boolean
}

export interface RegistryStatus {
  /** Block up to which everything is in the index; `null` before the first. */
  headBlock: number | null
  /** Its time, ms since the epoch. */
  headTimestamp: number | null
  /** Newest block any endpoint spoke of. */
  chainBlock: number | null
  /** The index has everything up to the chain's newest blocks, as of the last poll. */
  synced: boolean
  /** An endpoint answered the last poll. */
  reachable: boolean
  endpoints: EndpointHealth[]
  /** Events of the contracts that could not be read or were larger than the bounds. */
  refusedLogs: number
}

/**
 * An index of the registry contracts' events in a file of its own. It follows the chain, steps back when the
 * chain does, and answers from the file whether or not the chain can be reached.
 */
export interface RegistryIndex extends Startable, PermissionOracle, StateSource {
  /** Sees to it that a stream is in the index although its beginning lies before it, with the rights of some on it. */
  follow(streamId: string, users?: readonly string[]): void
  /** Takes over storage nodes of a stream, told by another index, where no event of this one says otherwise. */
  adoptStorage(streamId: string, nodes: readonly RegistryNode[]): void
  stream(id: string): Promise<RegistryStream | undefined>
  searchStreams(search: StreamSearch): Promise<RegistryStream[]>
  permissions(
    streamId: string,
    page?: { after?: string; limit?: number; publishAfter?: number; subscribeAfter?: number },
  ): Promise<RegistryPermission[]>
  node(id: string): Promise<RegistryNode | undefined>
  nodes(page?: { after?: string; limit?: number }): Promise<RegistryNode[]>
  storageNodes(streamId: string, page?: { after?: string; limit?: number }): Promise<RegistryNode[]>
  assignments(nodeAddress: string, page?: { after?: string; limit?: number }): Promise<RegistryStream[]>
  /**
   * Resolves when everything up to `block` is in the index.
   * @throws TidemarkError `timeout` after a minute, `aborted` by the signal or the stop of the index
   */
  awaitBlock(block: number, signal?: AbortSignal): Promise<void>
  status(): RegistryStatus
}

class SqliteRegistryIndex implements RegistryIndex {
  readonly #logger: Logger
  readonly #pollIntervalMs: number
  readonly #view: ChainView
  readonly #database: Database.Database
  readonly #queries: RegistryQueries
  readonly #tables: RegistryTables
  readonly #follower: ChainFollower
  readonly #pool: RpcPool
  readonly #undecided = new UndecidedStreams()
  readonly #baselines: Baselines
  readonly #followed = new Map<string, readonly string[]>()
  readonly #listeners = new Set<(streamId: string) => void>()
  readonly #stopping = new AbortController()
  readonly #waiters = new BlockWaiters(this.#stopping.signal)
  #following: Promise<void> | undefined
  #synced = false
  #reachable = false

  constructor(options: RegistryIndexOptions) {
    const { chainId, contracts, logger, startBlock = 0, clock = Date } = options
    const local = chainId === LOCAL_CHAIN_ID
    this.#logger = logger
    this.#pollIntervalMs =
      options.pollIntervalMs ?? (local ? LOCAL_POLL_INTERVAL_MS : DEFAULT_POLL_INTERVAL_MS)
    this.#view = {
      chainId,
      contract: contracts.streamRegistry,
      grantLeadMs: options.grantLeadMs ?? (local ? LOCAL_GRANT_LEAD_MS : GRANT_LEAD_MS),
      complete: options.complete ?? startBlock !== null,
    }
    this.#database = openRegistryDatabase(options.databaseFile, { chainId, contracts, startBlock }, logger)
    this.#queries = new RegistryQueries(this.#database)
    this.#pool = new RpcPool(options.rpcUrls, chainId, clock)
    this.#tables = new RegistryTables(this.#database)
    this.#baselines = new Baselines({
      streamRegistry: contracts.streamRegistry,
      isKnown: (streamId) => this.#queries.stream(streamId) !== undefined,
      write: (events, block) => this.#write(events, block),
      hasNodeEvents: (node) => this.#queries.hasNodeEvents(node),
      hasAssignmentEvents: (streamId, node) => this.#queries.hasAssignmentEvents(streamId, node),
      now: () => clock.now(),
      logger,
    })
    this.#follower = new ChainFollower({
      tables: this.#tables,
      contracts,
      startBlock,
      confirmations: options.confirmations ?? (local ? 0 : DEFAULT_CONFIRMATIONS),
      // A local chain that was killed may come back without its last blocks, or be made anew.
      maxReorgDepth: local ? Number.POSITIVE_INFINITY : DEFAULT_MAX_REORG_DEPTH,
      clock,
      logger,
      onTouched: (touched) => this.#onTouched(touched),
    })
  }

  /** Begins to follow the chain. Does not wait for it: what is known is answered at once. */
  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#following ??= this.#follow()
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    await this.#following
    this.#follower.flush()
    this.#database.close()
  }

  async publishPermission(
    streamId: string,
    publisher: string,
    atTimestamp: number,
  ): Promise<PermissionAnswer> {
    const { answer, decidedAtMs, isBaselineWanted } = answerPermission(
      this.#view,
      this.#queries,
      this.#follower.head,
      {
        streamId,
        publisher: publisher.toLowerCase(),
        atMs: atTimestamp,
      },
    )
    if (decidedAtMs !== undefined) this.#undecided.add(streamId, decidedAtMs)
    if (isBaselineWanted === true) this.#baselines.want(streamId, publisher.toLowerCase())
    return answer
  }

  follow(streamId: string, users: readonly string[] = []): void {
    if (this.#view.complete) return
    this.#followed.set(streamId, users)
    if (this.#queries.stream(streamId) !== undefined) return
    for (const user of [ZERO_ADDRESS, ...users]) this.#baselines.want(streamId, user)
  }

  adoptStorage(streamId: string, nodes: readonly RegistryNode[]): void {
    const { head } = this.#follower
    if (this.#view.complete || head === undefined) return
    const events = this.#baselines.storageEvents(streamId, nodes, head)
    if (events.length > 0) this.#write(events, head)
  }

  onChange(listener: (streamId: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async stream(id: string): Promise<RegistryStream | undefined> {
    return this.#queries.stream(id)
  }

  async searchStreams(search: StreamSearch): Promise<RegistryStream[]> {
    return this.#queries.searchStreams(search)
  }

  async permissions(
    streamId: string,
    page: { after?: string; limit?: number; publishAfter?: number; subscribeAfter?: number } = {},
  ): Promise<RegistryPermission[]> {
    return this.#queries.permissions(streamId, page)
  }

  async node(id: string): Promise<RegistryNode | undefined> {
    return this.#queries.node(id.toLowerCase())
  }

  async nodes(page: { after?: string; limit?: number } = {}): Promise<RegistryNode[]> {
    return this.#queries.nodes(page)
  }

  async storageNodes(
    streamId: string,
    page: { after?: string; limit?: number } = {},
  ): Promise<RegistryNode[]> {
    return this.#queries.storageNodes(streamId, page)
  }

  async assignments(
    nodeAddress: string,
    page: { after?: string; limit?: number } = {},
  ): Promise<RegistryStream[]> {
    return this.#queries.assignments(nodeAddress.toLowerCase(), page)
  }

  stateProof(
    contract: string,
    slots: readonly string[],
    block: number | 'latest',
    signal?: AbortSignal,
  ): Promise<StateAnswer | StateRefusal> {
    return stateProofFrom(this.#pool, { contract, slots, block }, signal)
  }

  async awaitBlock(block: number, signal?: AbortSignal): Promise<void> {
    await this.#waiters.wait(block, () => this.#follower.head?.number, signal)
  }

  status(): RegistryStatus {
    const { head, chainHead, refusedLogs } = this.#follower
    return {
      headBlock: head?.number ?? null,
      headTimestamp: head === undefined ? null : head.timestamp * 1_000,
      chainBlock: chainHead ?? null,
      synced: this.#synced,
      reachable: this.#reachable,
      endpoints: this.#pool.health(),
      refusedLogs,
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const pauseMs = await this.#poll(signal)
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** One step. Returns how long to wait for the next, ms. */
  async #poll(signal: AbortSignal): Promise<number> {
    const headBefore = this.#follower.head?.number
    try {
      this.#synced = await this.#pool.use((endpoint) => this.#follower.advance(endpoint, signal), signal)
      if (!this.#reachable) this.#logger.info({ block: this.#follower.head?.number }, 'the chain is in reach')
      this.#reachable = true
      await this.#askBaselines(signal)
      const moved = this.#follower.head?.number !== headBefore
      if (moved) this.#onHead()
      return moved && !this.#synced ? 0 : this.#pollIntervalMs
    } catch (error) {
      if (signal.aborted) return 0
      if (this.#reachable) this.#logger.warn({ error }, 'no RPC endpoint of the chain answers')
      else this.#logger.debug({ error }, 'no RPC endpoint of the chain answers')
      this.#reachable = false
      this.#synced = false
      return Math.max(this.#pool.waitMs(), this.#pollIntervalMs)
    }
  }

  async #askBaselines(signal: AbortSignal): Promise<void> {
    const { head } = this.#follower
    if (this.#view.complete || head === undefined || !this.#synced) return
    await this.#pool.use((endpoint) => this.#baselines.ask(endpoint, head, signal), signal)
  }

  #write(events: readonly RegistryEvent[], block: BlockHeader): void {
    this.#follower.flush()
    this.#onTouched(this.#tables.apply({ events, blocks: [{ ...block, hasEvents: true }] }))
  }

  #onHead(): void {
    this.#waiters.wake()
    const head = this.#follower.head
    if (head === undefined) return
    for (const streamId of this.#undecided.takeDecided(head.timestamp * 1_000)) this.#notify(streamId)
  }

  #onTouched(touched: Touched): void {
    for (const streamId of touched.streams) {
      const users = this.#followed.get(streamId)
      if (users !== undefined) this.follow(streamId, users)
      this.#notify(streamId)
    }
  }

  #notify(streamId: string): void {
    for (const listener of this.#listeners) listener(streamId)
  }
}

/**
 * Opens the index. Nothing is asked of the chain before `start`.
 * @throws TidemarkError `store-newer-than-code`
 */
export function createRegistryIndex(options: RegistryIndexOptions): RegistryIndex {
  return new SqliteRegistryIndex(options)
}
