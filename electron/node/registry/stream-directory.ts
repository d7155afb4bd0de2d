import type { StreamPermissionView } from '../../../shared/stream.ts'
import type { StreamDirectory, StreamRecord } from '../ports.ts'
import type { RegistryIndex } from './registry-index.ts'
import type { RegistryPermission, RegistryStream } from './registry-queries.ts'

/** Grantees shown of one stream; a stream with more is better looked at with a search. */
export const MAX_SHOWN_PERMISSIONS = 500
const DEFAULT_PARTITIONS = 1

function parseMetadata(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : {}
  } catch {
    // Owners may write anything into the contract; what is not JSON says nothing about the stream.
    return {}
  }
}

/** As Streamr's SDK reads it: a stream that does not say has one partition. */
export function toStreamRecord({ id, metadata }: RegistryStream): StreamRecord {
  const parsed = parseMetadata(metadata)
  const { partitions } = parsed
  const isCount = typeof partitions === 'number' && Number.isInteger(partitions) && partitions > 0
  return { id, metadata: parsed, partitions: isCount ? partitions : DEFAULT_PARTITIONS }
}

type StatedPermission = Omit<RegistryPermission, 'streamId' | 'block' | 'blockTimestamp' | 'transaction'> &
  Partial<Pick<RegistryPermission, 'block' | 'blockTimestamp' | 'transaction'>>

/** Without a block: it is not known where on the chain it stands. */
export function toPermissionView(permission: StatedPermission, nowS: bigint): StreamPermissionView {
  return {
    publisher: permission.grantee,
    canPublish: BigInt(permission.publishExpiration) > nowS,
    canSubscribe: BigInt(permission.subscribeExpiration) > nowS,
    canEdit: permission.canEdit,
    canDelete: permission.canDelete,
    canGrant: permission.canGrant,
    block: permission.block ?? null,
    blockTimestamp: permission.blockTimestamp ?? null,
    transaction: permission.transaction ?? null,
  }
}

/** What the portal asks of streams, answered from the registry index. */
export function createStreamDirectory(index: RegistryIndex): StreamDirectory {
  return {
    async stream(streamId) {
      const found = await index.stream(streamId)
      return found ? toStreamRecord(found) : null
    },
    async permissions(streamId) {
      const nowS = BigInt(Math.floor(Date.now() / 1_000))
      const permissions = await index.permissions(streamId, { limit: MAX_SHOWN_PERMISSIONS })
      return permissions.map((permission) => toPermissionView(permission, nowS))
    },
    async search(term, limit) {
      return (await index.searchStreams({ term, limit })).map(toStreamRecord)
    },
  }
}
