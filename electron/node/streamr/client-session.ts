import {
  convertStreamMessageToBytes,
  getStreamPartitionCount,
  type PermissionAssignment,
  type Stream,
  type StreamMessage,
  StreamPermission,
  type StreamrClient,
} from '@streamr/sdk'
import type { StreamPartId } from '../../../shared/message.ts'
import { GroupKeyExchange } from './group-key-exchange.ts'
import type { MessageOutbox } from './message-outbox.ts'
import type {
  PublishedMessage,
  PublishOptions,
  RightsAssignment,
  StreamDescription,
  StreamRight,
  StreamrSession,
} from './session-protocol.ts'

const PERMISSIONS: Record<StreamRight, StreamPermission> = {
  edit: StreamPermission.EDIT,
  delete: StreamPermission.DELETE,
  publish: StreamPermission.PUBLISH,
  subscribe: StreamPermission.SUBSCRIBE,
  grant: StreamPermission.GRANT,
}

function toPermissionAssignment({ grantee, rights }: RightsAssignment): PermissionAssignment {
  const permissions = rights.map((right) => PERMISSIONS[right])
  return grantee === 'public' ? { public: true, permissions } : { userId: grantee, permissions }
}

type NetworkNode = Awaited<ReturnType<ReturnType<StreamrClient['getNode']>['getNode']>>
/** The SDK brands its stream part ids; ours are plain text of the same form. */
type SdkStreamPartId = Parameters<NetworkNode['join']>[0]

/** The Streamr client at work: joins stream parts on the network and passes on what arrives there. */
export class ClientSession implements StreamrSession {
  readonly #client: StreamrClient
  readonly #outbox: MessageOutbox
  readonly #subscribed = new Set<StreamPartId>()
  #node: NetworkNode | undefined
  #keyExchange: GroupKeyExchange | undefined

  constructor(client: StreamrClient, outbox: MessageOutbox) {
    this.#client = client
    this.#outbox = outbox
  }

  async connect(): Promise<void> {
    await this.#client.connect()
    const facade = this.#client.getNode()
    this.#node = await facade.getNode()
    // Own publications arrive here too, once, at the moment they are broadcast.
    facade.addMessageListener((message) => this.#receive(message))
  }

  destroy(): Promise<void> {
    return this.#client.destroy()
  }

  async subscribe(part: StreamPartId): Promise<void> {
    this.#subscribed.add(part)
    await this.#client.getNode().join(part as SdkStreamPartId)
  }

  async unsubscribe(part: StreamPartId): Promise<void> {
    this.#subscribed.delete(part)
    await this.#client.getNode().leave(part as SdkStreamPartId)
  }

  /** Neighbours of each subscribed part on the network, by node id. */
  neighbours(): Record<StreamPartId, string[]> {
    const parts: Record<StreamPartId, string[]> = {}
    for (const part of this.#subscribed) {
      parts[part] =
        this.#node?.hasStreamPart(part as SdkStreamPartId) === true
          ? [...this.#node.getNeighbors(part as SdkStreamPartId)]
          : []
    }
    return parts
  }

  async publish(
    streamId: string,
    content: Record<string, unknown> | unknown[] | Uint8Array,
    options: PublishOptions = {},
  ): Promise<PublishedMessage> {
    const { timestamp, chain, partition = 0 } = options
    const message = await this.#client.publish({ id: streamId, partition }, content, {
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(chain === undefined ? {} : { msgChainId: chain }),
    })
    return {
      timestamp: message.timestamp,
      sequence: message.sequenceNumber,
      partition: message.streamPartition,
      chain: message.msgChainId,
    }
  }

  async createStream(
    idOrPath: string,
    metadata: Record<string, unknown>,
    assignments: readonly RightsAssignment[] = [],
  ): Promise<StreamDescription> {
    const stream = await this.#client.createStream({ ...metadata, id: idOrPath })
    if (assignments.length > 0) await this.grantPermissions(stream.id, assignments)
    return this.#describe(stream)
  }

  async getStream(idOrPath: string): Promise<StreamDescription> {
    return this.#describe(await this.#client.getStream(idOrPath))
  }

  async grantPermissions(streamId: string, assignments: readonly RightsAssignment[]): Promise<void> {
    await this.#client.grantPermissions(streamId, ...assignments.map(toPermissionAssignment))
  }

  async revokePermissions(streamId: string, assignments: readonly RightsAssignment[]): Promise<void> {
    await this.#client.revokePermissions(streamId, ...assignments.map(toPermissionAssignment))
  }

  async hasPermission(streamId: string, right: StreamRight, grantee: string | 'public'): Promise<boolean> {
    const permission = PERMISSIONS[right]
    return this.#client.hasPermission(
      grantee === 'public'
        ? { streamId, permission, public: true }
        : { streamId, permission, userId: grantee, allowPublic: true },
    )
  }

  async fetchGroupKey(part: StreamPartId, publisher: string, keyId: string): Promise<Uint8Array | null> {
    this.#keyExchange ??= new GroupKeyExchange(this.#client)
    return this.#keyExchange.fetch(part, publisher, keyId)
  }

  async #describe(stream: Stream): Promise<StreamDescription> {
    const metadata = await stream.getMetadata()
    return { id: stream.id, metadata, partitions: getStreamPartitionCount(metadata) }
  }

  #receive(message: StreamMessage): void {
    if (!this.#subscribed.has(message.getStreamPartID())) return
    try {
      this.#outbox.add(convertStreamMessageToBytes(message))
    } catch {
      // A stranger's message that cannot be written again cannot be kept either; the count is reported.
      this.#outbox.refuse('unreadable')
    }
  }
}
