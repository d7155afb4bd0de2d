import { setTimeout as delay } from 'node:timers/promises'
import type { Logger, Startable } from '../ports.ts'
import { hostedAssignments, hostedStorageNodes } from './hosted-directory.ts'
import type { HostedIndex } from './hosted-index.ts'
import { FOLLOW_INTERVAL_MS, FOLLOW_RETRY_MS, MAX_FOLLOWED_STREAMS } from './limits.ts'
import type { RegistryIndex } from './registry-index.ts'

export interface FollowedStreamsOptions {
  index: RegistryIndex
  hosted: HostedIndex | undefined
  /** This node, lower-case 0x hex: streams assigned to it before the index began are followed too. */
  nodeAddress: string
  logger: Logger
}

/**
 * The streams that matter to the user, on a chain too large to index whole: each is brought into the index with its
 * present state, and with the storage nodes the hosted index knows of. Where the index has the whole chain, there is
 * nothing to do.
 */
export interface FollowedStreams extends Startable {
  follow(streamId: string): void
}

class HostedFollower implements FollowedStreams {
  readonly #options: FollowedStreamsOptions
  /** Streams by the time they are to be looked up next, ms on the process's own clock. */
  readonly #due = new Map<string, number>()
  readonly #stopping = new AbortController()
  #assignmentsDue = 0
  #running: Promise<void> | undefined

  constructor(options: FollowedStreamsOptions) {
    this.#options = options
  }

  follow(streamId: string): void {
    this.#options.index.follow(streamId, [this.#options.nodeAddress])
    if (this.#due.has(streamId) || this.#due.size >= MAX_FOLLOWED_STREAMS) return
    this.#due.set(streamId, 0)
  }

  async start(): Promise<void> {
    const { hosted } = this.#options
    if (hosted !== undefined) this.#running ??= this.#run(hosted)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(hosted: HostedIndex): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        if (this.#options.index.status().headBlock !== null) await this.#lookUp(hosted, signal)
      } catch (error) {
        if (!signal.aborted) this.#options.logger.debug({ error }, 'storage nodes could not be looked up')
      }
      await delay(FOLLOW_RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #lookUp(hosted: HostedIndex, signal: AbortSignal): Promise<void> {
    const { index, nodeAddress } = this.#options
    if (this.#assignmentsDue <= performance.now()) {
      const assigned = await hostedAssignments(hosted, nodeAddress, signal)
      if (assigned === undefined) return
      this.#assignmentsDue = performance.now() + FOLLOW_INTERVAL_MS
      for (const streamId of assigned) this.follow(streamId)
    }
    for (const [streamId, due] of this.#due) {
      if (due > performance.now()) continue
      const nodes = await hostedStorageNodes(hosted, streamId, signal)
      if (nodes === undefined) return
      index.adoptStorage(streamId, nodes)
      this.#due.set(streamId, performance.now() + FOLLOW_INTERVAL_MS)
    }
  }
}

export function createFollowedStreams(options: FollowedStreamsOptions): FollowedStreams {
  return new HostedFollower(options)
}
