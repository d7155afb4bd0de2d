import { parseStreamPartId, streamPartId } from '../../shared/message.ts'
import type { RegistryChange, RegistryStreamView } from '../../shared/registry-change.ts'
import type { TransactionCost } from '../../shared/storage.ts'
import type { MessageStore, StreamDirectory } from './ports.ts'
import type { StorageDirectory } from './registry/storage-directory.ts'
import type { StoragePresence } from './storage-presence/storage-presence.ts'
import type { RegistryChanges } from './streamr/registry-changes.ts'

export interface RegistryDeskOptions {
  nodeAddress: string
  directory: StreamDirectory
  storage: Pick<StorageDirectory, 'storageNodes'>
  changes: RegistryChanges
  presence: Pick<StoragePresence, 'isAssigned'>
  store: Pick<MessageStore, 'statistics'>
  subscribed(): readonly string[]
}

/** Where the registry is read and written by the user: who owns, publishes, reads and stores a stream. */
export interface RegistryDesk {
  /** Answers for streams that are not in the registry, too: of what is kept here something is always known. */
  stream(streamId: string, signal?: AbortSignal): Promise<RegistryStreamView>
  /** The most the change can cost now. @throws TidemarkError where this node may not make it */
  estimate(change: RegistryChange, signal?: AbortSignal): Promise<TransactionCost>
  /** Writes the change; it is in a block when this resolves. @throws TidemarkError */
  write(change: RegistryChange, signal?: AbortSignal): Promise<void>
}

const OWNER = /^(?:(0x[0-9a-fA-F]{40})|((?:[^/\s]+\.)+[^/\s.]+))\//u

function ownerOf(streamId: string): RegistryStreamView['owner'] {
  const match = OWNER.exec(streamId)
  if (match === null) return null
  const [, address, ens] = match
  return { name: address ?? ens ?? '', isEns: address === undefined }
}

export function createRegistryDesk(options: RegistryDeskOptions): RegistryDesk {
  const { nodeAddress, directory, storage, changes, presence, store, subscribed } = options

  const kept = async (streamId: string, partitions: number | null): Promise<RegistryStreamView['kept']> => {
    const statistics = await store.statistics()
    const ofStream = statistics.filter(({ part }) => parseStreamPartId(part).streamId === streamId)
    const parts = new Set([
      ...ofStream.map(({ part }) => part),
      ...subscribed().filter((part) => parseStreamPartId(part).streamId === streamId),
      ...Array.from({ length: partitions ?? 0 }, (_, index) => streamPartId(streamId, index)).filter((part) =>
        presence.isAssigned(part),
      ),
    ])
    return [...parts]
      .map((part) => {
        const found = ofStream.find((entry) => entry.part === part)
        return {
          partition: parseStreamPartId(part).partition,
          subscribed: subscribed().includes(part),
          assigned: presence.isAssigned(part),
          messages: found?.messages ?? 0,
          publishers: found?.publishers ?? 0,
        }
      })
      .sort((a, b) => a.partition - b.partition)
  }

  return {
    async stream(streamId, signal) {
      const [record, permissions, nodes] = await Promise.all([
        directory.stream(streamId, signal),
        directory.permissions(streamId, signal),
        storage.storageNodes(streamId),
      ])
      return {
        streamId,
        partitions: record?.partitions ?? null,
        owner: ownerOf(streamId),
        metadata: record?.metadata ?? {},
        permissions,
        storageNodes: nodes.map((node) => ({ ...node, isThisNode: node.address === nodeAddress })),
        kept: await kept(streamId, record?.partitions ?? null),
        nodeAddress,
      }
    },
    estimate: (change, signal) => changes.estimate(change, signal),
    write: (change, signal) => changes.write(change, signal),
  }
}
