import { Interface } from 'ethers'
import type { Logger } from '../ports.ts'
import { MAX_WANTED_BASELINES } from './limits.ts'
import { type PermissionEvent, type RegistryEvent, ZERO_ADDRESS } from './registry-contracts.ts'
import type { RegistryNode } from './registry-queries.ts'
import { type BlockHeader, type RpcEndpoint, RpcRefusedError } from './rpc-endpoint.ts'

/**
 * An index that does not begin with the chain cannot know from events what was there before. What it needs of that is
 * asked of the contracts as they stood at one block, and written down as events of that block that come after all of
 * its real ones.
 */
export const BASELINE_LOG_INDEX = 1_000_000_000
/** In the place of a transaction: what is told is the contract’s state at the block. */
export const NO_TRANSACTION = `0x${'00'.repeat(32)}`

/** Questions asked between two looks at the chain. */
const MAX_PER_TURN = 32
/** A stream that is not there is not asked about again before this, ms. */
const ABSENT_FOR_MS = 600_000
const MAX_ABSENT = 10_000

const CONTRACT = new Interface([
  'function getStreamMetadata(string streamId) view returns (string)',
  'function getDirectPermissionsForUserId(string streamId, bytes user) view returns (tuple(bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant))',
])

export interface BaselinesOptions {
  streamRegistry: string
  /** Whether the index has the stream, from its events or a baseline. */
  isKnown(streamId: string): boolean
  hasNodeEvents(node: string): boolean
  hasAssignmentEvents(streamId: string, node: string): boolean
  /** Writes events of the index’s present block. */
  write(events: readonly RegistryEvent[], block: BlockHeader): void
  now(): number
  logger: Logger
}

/** A stream and somebody whose rights on it are asked for. */
interface Wanted {
  streamId: string
  user: string
}

/** Asks the registry contract what the index’s events do not tell. */
export class Baselines {
  readonly #options: BaselinesOptions
  readonly #wanted = new Map<string, Wanted>()
  readonly #absent = new Map<string, number>()
  #next = 0

  constructor(options: BaselinesOptions) {
    this.#options = options
  }

  /** Takes a question down; the zero address stands for everybody. */
  want(streamId: string, user: string): void {
    const absentUntil = this.#absent.get(streamId)
    if (absentUntil !== undefined && this.#options.now() < absentUntil) return
    if (this.#wanted.size >= MAX_WANTED_BASELINES) return
    this.#wanted.set(`${user} ${streamId}`, { streamId, user })
  }

  /** Asks some of what is wanted, as of `block`. What cannot be asked now stays wanted. */
  async ask(endpoint: RpcEndpoint, block: BlockHeader, signal: AbortSignal): Promise<void> {
    for (const [key, wanted] of [...this.#wanted].slice(0, MAX_PER_TURN)) {
      const events = await this.#read(endpoint, block, wanted, signal).catch((error: unknown) => {
        // A question the endpoint will not answer must not keep the others from being asked.
        if (error instanceof RpcRefusedError) this.#wanted.delete(key)
        throw error
      })
      this.#wanted.delete(key)
      if (events === undefined) this.#rememberAbsent(wanted.streamId)
      else this.#options.write(events, block)
    }
  }

  /** Storage nodes another index tells of, as events, but for those whose own events are here. */
  storageEvents(streamId: string, nodes: readonly RegistryNode[], block: BlockHeader): RegistryEvent[] {
    const { hasNodeEvents, hasAssignmentEvents } = this.#options
    return nodes.flatMap(({ id: node, metadata, lastSeen }): RegistryEvent[] => {
      if (hasAssignmentEvents(streamId, node)) return []
      const assigned = {
        type: 'assignment',
        kind: 'added',
        streamId,
        node,
        ...this.#position(block),
      } as const
      if (hasNodeEvents(node)) return [assigned]
      return [
        assigned,
        { type: 'node', kind: 'updated', node, metadata, lastSeen, ...this.#position(block) } as const,
      ]
    })
  }

  async #read(
    endpoint: RpcEndpoint,
    block: BlockHeader,
    { streamId, user }: Wanted,
    signal: AbortSignal,
  ): Promise<RegistryEvent[] | undefined> {
    const users = [user]
    const events: RegistryEvent[] = []
    if (!this.#options.isKnown(streamId)) {
      const metadata = await this.#metadata(endpoint, block, streamId, signal)
      if (metadata === undefined) return undefined
      events.push({ type: 'stream', kind: 'created', streamId, metadata, ...this.#position(block) })
      if (user !== ZERO_ADDRESS) users.unshift(ZERO_ADDRESS)
    }
    for (const one of users) events.push(await this.#rights(endpoint, block, streamId, one, signal))
    return events
  }

  async #metadata(
    endpoint: RpcEndpoint,
    block: BlockHeader,
    streamId: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    try {
      const data = CONTRACT.encodeFunctionData('getStreamMetadata', [streamId])
      const answer = await endpoint.call(this.#options.streamRegistry, data, block.number, signal)
      return String(CONTRACT.decodeFunctionResult('getStreamMetadata', answer)[0])
    } catch (error) {
      if (error instanceof RpcRefusedError && error.isRevert) return undefined
      throw error
    }
  }

  async #rights(
    endpoint: RpcEndpoint,
    block: BlockHeader,
    streamId: string,
    user: string,
    signal: AbortSignal,
  ): Promise<PermissionEvent & RegistryEvent> {
    const method = 'getDirectPermissionsForUserId'
    const data = CONTRACT.encodeFunctionData(method, [streamId, user])
    const answer = await endpoint.call(this.#options.streamRegistry, data, block.number, signal)
    const [canEdit, canDelete, publishExpiration, subscribeExpiration, canGrant] =
      CONTRACT.decodeFunctionResult(method, answer)[0]
    const rights = { canEdit, canDelete, canGrant, publishExpiration, subscribeExpiration }
    return { type: 'permission', streamId, userId: user, ...rights, ...this.#position(block) }
  }

  #position(block: BlockHeader) {
    const logIndex = BASELINE_LOG_INDEX + this.#next++
    return { block: block.number, blockHash: block.hash, logIndex, transaction: NO_TRANSACTION }
  }

  #rememberAbsent(streamId: string): void {
    const [oldest] = this.#absent.keys()
    if (this.#absent.size >= MAX_ABSENT && oldest !== undefined) this.#absent.delete(oldest)
    this.#absent.set(streamId, this.#options.now() + ABSENT_FOR_MS)
    this.#options.logger.debug({ streamId }, 'the chain has no such stream')
  }
}
