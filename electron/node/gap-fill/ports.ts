import type { MessageId, StreamPartId } from '../../../shared/message.ts'
import type { Verdict } from '../../../shared/verdict.ts'
import type { GapRecord, MessageQuery, RawMessage, StoredMessage } from '../ports.ts'

/** What gap filling needs of the message store. */
export interface GapStore {
  gaps(part: StreamPartId, limit: number): Promise<GapRecord[]>
  query(query: MessageQuery, signal?: AbortSignal): AsyncIterable<Pick<StoredMessage, 'id' | 'receivedAt'>[]>
}

export interface StorageNode {
  /** Lower-case 0x hex. */
  address: string
  /** As the node's owner wrote them into the registry: hostile until checked. */
  urls: readonly string[]
}

/** Which storage nodes are assigned to a stream, as far as the registry's events are known. */
export interface StorageNodeDirectory {
  storageNodes(streamId: string, signal?: AbortSignal): Promise<StorageNode[]>
  /** Called with a stream id when its storage nodes, or their addresses, may have changed. */
  onChange(listener: (streamId: string) => void): () => void
}

export interface IngestOutcome {
  verdicts: Record<Verdict, number>
  /** Bytes that are no message. */
  refused: number
  append: { stored: number }
}

/** Verification and storage. Resolves when everything handed over is on disk. */
export interface Ingest {
  ingestAll(messages: Iterable<RawMessage>, signal?: AbortSignal): Promise<IngestOutcome>
}

export type ChainOf = Pick<MessageId, 'publisher' | 'chain'>
