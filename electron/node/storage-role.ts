import { parseStreamPartId } from '../../shared/message.ts'
import { createGapFiller, type GapFiller } from './gap-fill/gap-filler.ts'
import type { Announcements } from './gossip/announcements/announcements.ts'
import type { Clock, Logger, MessageStore } from './ports.ts'
import type { VerifierPool } from './provenance/verifier-pool.ts'
import type { FollowedStreams } from './registry/followed-streams.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import { createStorageDirectory } from './registry/storage-directory.ts'
import { createStoragePresence, type StoragePresence } from './storage-presence/storage-presence.ts'
import type { StorageRegistry } from './streamr/storage-registry.ts'
import type { StreamrAdapter } from './streamr/streamr-adapter.ts'
import { createPartMembership, type PartMembership } from './subscriptions/part-membership.ts'

export interface StorageRoleOptions {
  store: MessageStore
  index: RegistryIndex
  pool: VerifierPool
  adapter: StreamrAdapter
  registry: StorageRegistry
  followed: FollowedStreams
  /** Told of the parts that are joined and left, to answer peers for them. */
  announcements: Pick<Announcements, 'follow' | 'unfollow'>
  /** The network is on this machine, and so are other storage nodes. */
  isLoopback: boolean
  /** What is written to the chain costs nothing, and is written without asking. */
  gasIsFree: boolean
  clock: Clock
  logger: Logger
}

/** What makes a node a storage node to others: its entry and assignments on the chain, and the filling of gaps. */
export interface StorageRole {
  presence: StoragePresence
  gapFiller: GapFiller
  /** For whoever wants stream parts beside their assignments; gaps of every joined part are followed. */
  membership: PartMembership
}

export function createStorageRole(options: StorageRoleOptions): StorageRole {
  const { store, index, pool, adapter, registry, followed, announcements } = options
  const { isLoopback, gasIsFree, clock, logger } = options
  const nodeAddress = adapter.address()
  const directory = createStorageDirectory(index)
  const gapFiller = createGapFiller({
    nodeAddress,
    store,
    directory,
    ingest: pool,
    allowPrivateAddresses: isLoopback,
    clock,
    logger: logger.child({ part: 'gap-fill' }),
  })
  const membership = createPartMembership({
    async subscribe(part) {
      followed.follow(parseStreamPartId(part).streamId)
      await adapter.subscribe(part)
      gapFiller.watch(part)
      announcements.follow(part)
    },
    async unsubscribe(part) {
      announcements.unfollow(part)
      gapFiller.unwatch(part)
      await adapter.unsubscribe(part)
    },
  })
  const assigned = membership.member()
  const presence = createStoragePresence({
    nodeAddress,
    entry: registry,
    assignments: {
      assignedStreams: (signal) => directory.assignedStreams(nodeAddress, signal),
      onChange: (listener) => directory.onChange(listener),
    },
    membership: {
      join: (part) => assigned.subscribe(part),
      leave: (part) => assigned.unsubscribe(part),
      hasNeighbours: (part) => adapter.neighbours(part).length > 0,
    },
    publisher: adapter,
    registersByItself: gasIsFree,
    clock,
    logger: logger.child({ part: 'storage-presence' }),
  })
  return { presence, gapFiller, membership }
}
