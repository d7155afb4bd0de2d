import { Interface, MaxUint256, ZeroAddress } from 'ethers'
import { z } from 'zod'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import type { TransactionCost } from '../../../shared/storage.ts'
import { type ContractCall, createTransactionSender, type TransactionSender } from './transaction-sender.ts'

/** The calls of Streamr's contracts that storage needs; the contracts have many more. */
const NODE_REGISTRY = new Interface([
  'function getNode(address nodeAddress) view returns (tuple(address nodeAddress, string metadata, uint256 lastSeen))',
  'function createOrUpdateNodeSelf(string metadata)',
  'function removeNodeSelf()',
])
const STORAGE_REGISTRY = new Interface([
  'function addStorageNode(string streamId, address nodeAddress)',
  'function removeStorageNode(string streamId, address nodeAddress)',
])
const STREAM_REGISTRY = new Interface([
  'function exists(string streamId) view returns (bool)',
  'function createStreamWithPermissions(string path, string metadata, address[] users, tuple(bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant)[] permissions)',
])

const ASSIGNMENTS_PATH = '/assignments'
const EVERYBODY_MAY_SUBSCRIBE = {
  canEdit: false,
  canDelete: false,
  publishExpiration: 0n,
  subscribeExpiration: MaxUint256,
  canGrant: false,
}

const nodeSchema = z.tuple([z.tuple([z.string(), z.string(), z.bigint()])])
const metadataSchema = z.record(z.string(), z.unknown())

export interface StorageRegistryOptions {
  network: Pick<NetworkDescription, 'rpcUrl' | 'chainId' | 'contracts'> & { rpcUrls?: readonly string[] }
  /** The identity of this node, 0x and 64 hex digits. */
  privateKey: string
}

export interface NodeEntry {
  metadata: Readonly<Record<string, unknown>> | null
  hasAssignmentStream: boolean
}

export interface NodeEntryChange {
  metadata?: Readonly<Record<string, unknown>> | null
  createAssignmentStream?: boolean
}

export interface AssignmentChange {
  streamId: string
  nodeAddress: string
  assigned: boolean
}

/**
 * Streamr's registry of storage nodes and storage assignments, read and written in this node's name. What is written
 * costs gas; every method may reject with a `TidemarkError`.
 */
export interface StorageRegistry {
  /** What the chain has of this node. Metadata that is no JSON object counts as empty. */
  read(signal?: AbortSignal): Promise<NodeEntry>
  estimate(change: NodeEntryChange, signal?: AbortSignal): Promise<TransactionCost>
  /** Resolves when everything of the change is in a block. */
  write(change: NodeEntryChange, signal?: AbortSignal): Promise<void>
  /** What it costs an owner of the stream, which this node must be, to choose a storage node or to dismiss it. */
  estimateAssignment(change: AssignmentChange, signal?: AbortSignal): Promise<TransactionCost>
  writeAssignment(change: AssignmentChange, signal?: AbortSignal): Promise<void>
}

export function createStorageRegistry({ network, privateKey }: StorageRegistryOptions): StorageRegistry {
  const { rpcUrl, rpcUrls = [], chainId, contracts } = network
  const sender = createTransactionSender({ rpcUrls: [rpcUrl, ...rpcUrls], chainId, privateKey })
  return new ContractStorageRegistry(sender, contracts)
}

class ContractStorageRegistry implements StorageRegistry {
  readonly #sender: TransactionSender
  readonly #contracts: NetworkDescription['contracts']

  constructor(sender: TransactionSender, contracts: NetworkDescription['contracts']) {
    this.#sender = sender
    this.#contracts = contracts
  }

  async read(signal?: AbortSignal): Promise<NodeEntry> {
    const { storageNodeRegistry, streamRegistry } = this.#contracts
    const { address } = this.#sender
    const getNode = encode(storageNodeRegistry, NODE_REGISTRY, 'getNode', [address])
    const exists = encode(streamRegistry, STREAM_REGISTRY, 'exists', [address + ASSIGNMENTS_PATH])
    const [node, stream] = await Promise.all([
      this.#sender.read(getNode, signal),
      this.#sender.read(exists, signal),
    ])
    const [[nodeAddress, metadata]] = nodeSchema.parse(
      NODE_REGISTRY.decodeFunctionResult('getNode', node).toArray(true),
    )
    return {
      metadata: nodeAddress === ZeroAddress ? null : parseMetadata(metadata),
      hasAssignmentStream: STREAM_REGISTRY.decodeFunctionResult('exists', stream)[0] === true,
    }
  }

  estimate(change: NodeEntryChange, signal?: AbortSignal): Promise<TransactionCost> {
    return this.#sender.estimate(this.#callsOf(change), signal)
  }

  async write(change: NodeEntryChange, signal?: AbortSignal): Promise<void> {
    for (const call of this.#callsOf(change)) await this.#sender.send(call, signal)
  }

  estimateAssignment(change: AssignmentChange, signal?: AbortSignal): Promise<TransactionCost> {
    return this.#sender.estimate([this.#assignmentCall(change)], signal)
  }

  writeAssignment(change: AssignmentChange, signal?: AbortSignal): Promise<void> {
    return this.#sender.send(this.#assignmentCall(change), signal)
  }

  #callsOf({ metadata, createAssignmentStream }: NodeEntryChange): ContractCall[] {
    const { storageNodeRegistry, streamRegistry } = this.#contracts
    const calls: ContractCall[] = []
    if (createAssignmentStream === true) {
      const permissions = [[ZeroAddress], [EVERYBODY_MAY_SUBSCRIBE]]
      const values = [ASSIGNMENTS_PATH, JSON.stringify({ partitions: 1 }), ...permissions]
      calls.push(encode(streamRegistry, STREAM_REGISTRY, 'createStreamWithPermissions', values))
    }
    if (metadata === null) calls.push(encode(storageNodeRegistry, NODE_REGISTRY, 'removeNodeSelf', []))
    else if (metadata !== undefined) {
      calls.push(
        encode(storageNodeRegistry, NODE_REGISTRY, 'createOrUpdateNodeSelf', [JSON.stringify(metadata)]),
      )
    }
    return calls
  }

  #assignmentCall({ streamId, nodeAddress, assigned }: AssignmentChange): ContractCall {
    const method = assigned ? 'addStorageNode' : 'removeStorageNode'
    return encode(this.#contracts.streamStorageRegistry, STORAGE_REGISTRY, method, [streamId, nodeAddress])
  }
}

function encode(to: string, contract: Interface, method: string, values: unknown[]): ContractCall {
  return { to, data: contract.encodeFunctionData(method, values) }
}

function parseMetadata(text: string): Record<string, unknown> {
  try {
    return metadataSchema.catch({}).parse(JSON.parse(text))
  } catch {
    return {}
  }
}
