import type { StreamPartId } from '../../../shared/message.ts'
import type { StoragePresenceView } from '../../../shared/storage.ts'
import type { Clock, Logger, Startable } from '../ports.ts'
import { AssignedParts } from './assigned-parts.ts'
import type { AssignmentSource, PartMembership, Publisher, StorageNodeEntry } from './ports.ts'
import { type Advertisement, Registration } from './registration.ts'

export type { Advertisement } from './registration.ts'

export interface StoragePresenceOptions {
  /** This node's address, lower-case 0x hex. */
  nodeAddress: string
  entry: StorageNodeEntry
  assignments: AssignmentSource
  membership: PartMembership
  publisher: Publisher
  /** Register without asking: only where gas is free. */
  registersByItself: boolean
  /** Most stream parts stored because they are assigned. Default: 1,000. */
  maxParts?: number
  /** How often assignments are read besides on every event, ms. Default: 60,000. */
  pollIntervalMs?: number
  /** A registry that takes longer to list the assignments counts as not answering, ms. Default: 60,000. */
  readDeadlineMs?: number
  /** Longest wait for the first neighbour on a part before it is announced, ms. Default: 5,000. */
  neighbourWaitMs?: number
  clock: Clock
  logger: Logger
}

/**
 * The node as a storage node on the chain: registered where others find it, and storing what is assigned to it.
 * Assignments are followed whether or not the node is registered.
 */
export interface StoragePresence extends Startable {
  /**
   * Says where the node is reached from now on. Where gas is free the chain has it when this resolves; elsewhere
   * the change waits for `confirm`, and `view` has its cost.
   * @throws TidemarkError `invalid-input`
   */
  advertise(advertisement: Advertisement, signal?: AbortSignal): Promise<void>
  /** Compares the registration with the chain again, for a view that is fresh. */
  refresh(signal?: AbortSignal): Promise<void>
  /** Writes the registration that waits. @throws TidemarkError */
  confirm(signal?: AbortSignal): Promise<void>
  /** Takes the node out of the registry. @throws TidemarkError */
  withdraw(signal?: AbortSignal): Promise<void>
  /** Whether the part is assigned to this node and within its bounds. */
  isAssigned(part: StreamPartId): boolean
  view(): StoragePresenceView
  onChange(listener: () => void): () => void
}

export function createStoragePresence(options: StoragePresenceOptions): StoragePresence {
  return new ChainPresence(options)
}

class ChainPresence implements StoragePresence {
  readonly #registration: Registration
  readonly #assigned: AssignedParts
  readonly #listeners = new Set<() => void>()

  constructor(options: StoragePresenceOptions) {
    const { nodeAddress, entry, assignments, membership, publisher, registersByItself, ...others } = options
    const onChange = (): void => this.#notify()
    const { logger } = options
    this.#registration = new Registration({ entry, automatic: registersByItself, onChange, logger })
    // Streamr's SDK waits here for one message per partition after it has assigned a stream.
    const assignmentStream = `${nodeAddress}/assignments`
    this.#assigned = new AssignedParts({
      ...others,
      source: assignments,
      membership,
      announce: async (part) => {
        await publisher.publish(assignmentStream, { streamPart: part })
      },
      onChange,
    })
  }

  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    this.#assigned.start()
  }

  stop(): Promise<void> {
    return this.#assigned.stop()
  }

  advertise(advertisement: Advertisement, signal?: AbortSignal): Promise<void> {
    return this.#registration.advertise(advertisement, signal)
  }

  refresh(signal?: AbortSignal): Promise<void> {
    return this.#registration.refresh(signal)
  }

  confirm(signal?: AbortSignal): Promise<void> {
    return this.#registration.confirm(signal)
  }

  withdraw(signal?: AbortSignal): Promise<void> {
    return this.#registration.withdraw(signal)
  }

  isAssigned(part: StreamPartId): boolean {
    return this.#assigned.has(part)
  }

  view(): StoragePresenceView {
    return {
      registration: this.#registration.view(),
      assignments: this.#assigned.views(),
      assignmentsReadAt: this.#assigned.readAt(),
    }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
