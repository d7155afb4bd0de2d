import type { ErrorView } from '../../../shared/errors.ts'
import type { StreamPartId } from '../../../shared/message.ts'
import type { StreamrNetwork } from './client-config.ts'

/** What the worker is started with. The key stays in the memory of this process. */
export interface SessionConfig {
  environment: string
  network: StreamrNetwork | undefined
  privateKey: string
  /** All of the network is on this machine. */
  isLoopback: boolean
  /** Folder for what the SDK keeps: group keys and certificates. */
  filesFolder: string
}

export type StreamRight = 'edit' | 'delete' | 'publish' | 'subscribe' | 'grant'

/** Rights of one grantee: an address or other user id, or everybody. */
export interface RightsAssignment {
  grantee: string | 'public'
  rights: readonly StreamRight[]
}

export interface StreamDescription {
  id: string
  metadata: Record<string, unknown>
  partitions: number
}

export interface PublishOptions {
  /** Ms since the epoch; now without it. */
  timestamp?: number | undefined
  partition?: number | undefined
  /**
   * Message chain to publish in. Within one chain times only ascend; without it everything of this session that goes
   * to one partition is one chain.
   */
  chain?: string | undefined
}

/** Where a published message stands in its chain. */
export interface PublishedMessage {
  timestamp: number
  sequence: number
  partition: number
  chain: string
}

/** What can be asked of the Streamr client, wherever it runs. */
export interface StreamrSession {
  subscribe(part: StreamPartId): Promise<void>
  unsubscribe(part: StreamPartId): Promise<void>
  publish(
    streamId: string,
    content: Record<string, unknown> | unknown[] | Uint8Array,
    options?: PublishOptions,
  ): Promise<PublishedMessage>
  /** Creates a stream with the rights beside those of its owner, which is this identity. */
  createStream(
    idOrPath: string,
    metadata: Record<string, unknown>,
    assignments?: readonly RightsAssignment[],
  ): Promise<StreamDescription>
  /** As the contract has it now. */
  getStream(idOrPath: string): Promise<StreamDescription>
  grantPermissions(streamId: string, assignments: readonly RightsAssignment[]): Promise<void>
  revokePermissions(streamId: string, assignments: readonly RightsAssignment[]): Promise<void>
  /** Whether the grantee has the right now, by itself or because everybody has it. */
  hasPermission(streamId: string, right: StreamRight, grantee: string | 'public'): Promise<boolean>
  /**
   * The key a publisher’s messages name, asked of the publisher over the network; null when it does not answer within
   * half a minute. The part must be subscribed.
   */
  fetchGroupKey(part: StreamPartId, publisher: string, keyId: string): Promise<Uint8Array | null>
}

export type SessionMethod = keyof StreamrSession

/** To the worker. */
export type SessionRequest =
  | { kind: 'call'; id: number; method: SessionMethod; args: unknown[] }
  /** The batch was handed on: its bytes count no longer as being on their way. */
  | { kind: 'taken'; bytes: number }
  | { kind: 'stop' }

/** From the worker. */
export type SessionEvent =
  | { kind: 'ready' }
  | { kind: 'failed'; error: ErrorView | string }
  | { kind: 'result'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorView | string }
  | { kind: 'messages'; messages: Uint8Array[]; receivedAt: number }
  | { kind: 'refused'; oversized: number; unreadable: number; overflowed: number }
  | { kind: 'neighbours'; parts: Record<StreamPartId, string[]> }
  | { kind: 'stopped' }
