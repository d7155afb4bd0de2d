import type { StreamPartId } from '../../../shared/message.ts'
import type { TransactionCost } from '../../../shared/storage.ts'

/** Metadata in the storage-node registry. Keys that are not Tidemark's are kept when it is written. */
export type NodeMetadata = Readonly<Record<string, unknown>>

/** What the chain has of this node as a storage node. */
export interface ChainEntry {
  /** `null` when the node is not in the storage-node registry. */
  metadata: NodeMetadata | null
  /** Whether `{address}/assignments` exists, on which the node tells what it stores. */
  hasAssignmentStream: boolean
}

/** A change of the entry: what is not named stays as it is. */
export interface ChainEntryChange {
  /** `null` takes the node out of the registry. */
  metadata?: NodeMetadata | null
  createAssignmentStream?: boolean
}

/** This node's entry on the chain. Every method may reject with `TidemarkError`. */
export interface StorageNodeEntry {
  read(signal?: AbortSignal): Promise<ChainEntry>
  /** What `write` would cost now. */
  estimate(change: ChainEntryChange, signal?: AbortSignal): Promise<TransactionCost>
  /** Resolves when the change is in a block. */
  write(change: ChainEntryChange, signal?: AbortSignal): Promise<void>
}

export interface AssignedStream {
  id: string
  partitions: number
}

/** Which existing streams are assigned to this node, as far as the registry's events are known. */
export interface AssignmentSource {
  assignedStreams(signal?: AbortSignal): AsyncIterable<AssignedStream>
  /** Called whenever the answer may have changed. */
  onChange(listener: () => void): () => void
}

/** The node's part in the network. The composition root keeps parts joined that others want too. */
export interface PartMembership {
  join(part: StreamPartId): Promise<void>
  leave(part: StreamPartId): Promise<void>
  /** Whether anybody is there to receive from. */
  hasNeighbours(part: StreamPartId): boolean
}

/** Publishes in this node's name. */
export interface Publisher {
  publish(streamId: string, content: Record<string, unknown>): Promise<unknown>
}
