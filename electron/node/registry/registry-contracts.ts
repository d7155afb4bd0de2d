import { createRequire } from 'node:module'
import { Interface, type InterfaceAbi } from 'ethers'
import { z } from 'zod'

/** Longest stream id that is indexed; the contract sets no limit, and ids in use are below 200 characters. */
const MAX_STREAM_ID_CHARS = 1_024
/** Largest metadata that is kept, in characters; a larger one is treated as empty. */
const MAX_METADATA_CHARS = 65_536
/** Longest user id, in bytes: an ML-DSA-87 public key has 2,592. */
const MAX_USER_ID_BYTES = 4_096

/** Addresses of the registry contracts, lower-case 0x hex. */
export interface RegistryAddresses {
  streamRegistry: string
  streamStorageRegistry: string
  storageNodeRegistry: string
}

/** Where an event stands on the chain. Block and log index give the order of all events. */
export interface EventPosition {
  block: number
  blockHash: string
  logIndex: number
  transaction: string
}

export interface StreamEvent {
  type: 'stream'
  kind: 'created' | 'updated' | 'deleted'
  streamId: string
  /** JSON as its owner wrote it; empty for `deleted` and when it is too large to keep. */
  metadata: string
}

export interface PermissionEvent {
  type: 'permission'
  streamId: string
  /** Address or other user id, lower-case 0x hex; the zero address for everybody. */
  userId: string
  canEdit: boolean
  canDelete: boolean
  canGrant: boolean
  /** Seconds since the epoch; the largest uint256 means for ever. */
  publishExpiration: bigint
  subscribeExpiration: bigint
}

export interface NodeEvent {
  type: 'node'
  kind: 'updated' | 'removed'
  node: string
  metadata: string
  /** Seconds since the epoch, as the contract keeps it. */
  lastSeen: number
}

export interface AssignmentEvent {
  type: 'assignment'
  kind: 'added' | 'removed'
  streamId: string
  node: string
}

export type RegistryEvent = (StreamEvent | PermissionEvent | NodeEvent | AssignmentEvent) & EventPosition

export const ZERO_ADDRESS = '0x0000000000000000000000000000000000000000'

function loadInterface(path: string): Interface {
  const require = createRequire(import.meta.url)
  const artifact = require(`@streamr/network-contracts-artifacts/dist/artifacts/contracts/${path}.json`) as {
    abi: InterfaceAbi
  }
  return new Interface(artifact.abi)
}

const streams = loadInterface('StreamRegistry/StreamRegistryV5.sol/StreamRegistryV5')
const storage = loadInterface('StreamStorageRegistry/StreamStorageRegistryV2.sol/StreamStorageRegistryV2')
const nodes = loadInterface('NodeRegistry/NodeRegistry.sol/NodeRegistry')

function topicOf(contract: Interface, name: string): string {
  const event = contract.getEvent(name)
  if (event === null) throw new Error(`The contract has no event ${name}`)
  return event.topicHash
}

/** The events the index is made of, for the node's log filter. */
export const REGISTRY_TOPICS: readonly string[] = [
  ...[
    'StreamCreated',
    'StreamUpdated',
    'StreamDeleted',
    'PermissionUpdated',
    'PermissionUpdatedForUserId',
  ].map((name) => topicOf(streams, name)),
  ...['Added', 'Removed'].map((name) => topicOf(storage, name)),
  ...['NodeUpdated', 'NodeRemoved'].map((name) => topicOf(nodes, name)),
]

/** A log as the chain's node answers it, before anything of it is believed. */
export interface RawLog extends EventPosition {
  address: string
  topics: string[]
  data: string
}

const streamId = z.string().min(1).max(MAX_STREAM_ID_CHARS)
const userId = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})+$/)
  .max(2 + 2 * MAX_USER_ID_BYTES)
  .transform((text) => text.toLowerCase())
const seconds = z.bigint().transform((value) => Number(value > MAX_SECONDS ? MAX_SECONDS : value))
const metadata = z.string().transform((text) => (text.length > MAX_METADATA_CHARS ? '' : text))
const MAX_SECONDS = BigInt(Number.MAX_SAFE_INTEGER)

const streamWithMetadata = z.tuple([streamId, metadata])
const permission = z.tuple([streamId, userId, z.boolean(), z.boolean(), z.bigint(), z.bigint(), z.boolean()])
const nodeUpdated = z.tuple([userId, metadata, z.bigint(), seconds])

/**
 * Reads a log of one of the contracts.
 * @returns `undefined` for a log that is no event of the index
 * @throws when it is one and cannot be read, or is larger than the bounds
 */
export function decodeRegistryLog(log: RawLog, contracts: RegistryAddresses): RegistryEvent | undefined {
  const { block, blockHash, logIndex, transaction } = log
  const position: EventPosition = { block, blockHash, logIndex, transaction }
  switch (log.address.toLowerCase()) {
    case contracts.streamRegistry:
      return decodeStreamLog(log, position)
    case contracts.streamStorageRegistry:
      return decodeAssignmentLog(log, position)
    case contracts.storageNodeRegistry:
      return decodeNodeLog(log, position)
    default:
      return undefined
  }
}

function decodeStreamLog(log: RawLog, position: EventPosition): RegistryEvent | undefined {
  const parsed = streams.parseLog(log)
  if (parsed === null) return undefined
  const values = [...parsed.args]
  switch (parsed.name) {
    case 'StreamCreated':
    case 'StreamUpdated': {
      const [id, text] = streamWithMetadata.parse(values)
      const kind = parsed.name === 'StreamCreated' ? 'created' : 'updated'
      return { type: 'stream', kind, streamId: id, metadata: text, ...position }
    }
    case 'StreamDeleted': {
      const [id] = z.tuple([streamId]).parse(values)
      return { type: 'stream', kind: 'deleted', streamId: id, metadata: '', ...position }
    }
    case 'PermissionUpdated':
    case 'PermissionUpdatedForUserId': {
      const [id, user, canEdit, canDelete, publishExpiration, subscribeExpiration, canGrant] =
        permission.parse(values)
      const rights = { canEdit, canDelete, canGrant, publishExpiration, subscribeExpiration }
      return { type: 'permission', streamId: id, userId: user, ...rights, ...position }
    }
    default:
      return undefined
  }
}

function decodeAssignmentLog(log: RawLog, position: EventPosition): RegistryEvent | undefined {
  const parsed = storage.parseLog(log)
  if (parsed === null || (parsed.name !== 'Added' && parsed.name !== 'Removed')) return undefined
  const [id, node] = z.tuple([streamId, userId]).parse([...parsed.args])
  return {
    type: 'assignment',
    kind: parsed.name === 'Added' ? 'added' : 'removed',
    streamId: id,
    node,
    ...position,
  }
}

function decodeNodeLog(log: RawLog, position: EventPosition): RegistryEvent | undefined {
  const parsed = nodes.parseLog(log)
  if (parsed === null) return undefined
  if (parsed.name === 'NodeUpdated') {
    const [node, text, , lastSeen] = nodeUpdated.parse([...parsed.args])
    return { type: 'node', kind: 'updated', node, metadata: text, lastSeen, ...position }
  }
  if (parsed.name === 'NodeRemoved') {
    const [node] = z.tuple([userId]).parse([...parsed.args])
    return { type: 'node', kind: 'removed', node, metadata: '', lastSeen: 0, ...position }
  }
  return undefined
}
