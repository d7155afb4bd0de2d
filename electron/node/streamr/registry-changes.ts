import { Interface, MaxUint256, ZeroAddress } from 'ethers'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import type { RegistryChange, StreamRight } from '../../../shared/registry-change.ts'
import type { TransactionCost } from '../../../shared/storage.ts'
import { type ContractCall, createTransactionSender, type TransactionSender } from './transaction-sender.ts'

const PERMISSION =
  'tuple(bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant)'
/** The calls of Streamr's contracts that owners of streams need; the contracts have many more. */
const STREAM_REGISTRY = new Interface([
  `function createStreamWithPermissions(string path, string metadata, address[] users, ${PERMISSION}[] permissions)`,
  'function createStreamWithENS(string ensName, string path, string metadata)',
  'function setPublicPermission(string streamId, uint256 publishExpiration, uint256 subscribeExpiration)',
  `function setPermissionsForUserIds(string streamId, bytes[] users, ${PERMISSION}[] permissions)`,
])
const STORAGE_REGISTRY = new Interface([
  'function addStorageNode(string streamId, address nodeAddress)',
  'function removeStorageNode(string streamId, address nodeAddress)',
])

export interface RegistryChangesOptions {
  network: Pick<NetworkDescription, 'rpcUrl' | 'rpcUrls' | 'chainId' | 'contracts'>
  /** The identity of this node, 0x and 64 hex digits. */
  privateKey: string
}

/** Writes an owner's wishes into the registry in this node's name. Every method may reject with a `TidemarkError`. */
export interface RegistryChanges {
  /** The most it can cost now. Refused like the change itself where this node may not make it. */
  estimate(change: RegistryChange, signal?: AbortSignal): Promise<TransactionCost>
  /** Resolves when the change is in a block. */
  write(change: RegistryChange, signal?: AbortSignal): Promise<void>
}

function permissionOf(rights: readonly StreamRight[]) {
  const until = (right: StreamRight) => (rights.includes(right) ? MaxUint256 : 0n)
  return {
    canEdit: rights.includes('edit'),
    canDelete: rights.includes('delete'),
    publishExpiration: until('publish'),
    subscribeExpiration: until('subscribe'),
    canGrant: rights.includes('grant'),
  }
}

type Encoded = [contract: Interface, method: string, values: unknown[]]

function creation({
  path,
  description,
  partitions,
  publicRights,
}: RegistryChange & { kind: 'create' }): Encoded {
  const metadata = JSON.stringify({ partitions, ...(description === '' ? {} : { description }) })
  const name = path.slice(0, path.indexOf('/'))
  if (name !== '') return [STREAM_REGISTRY, 'createStreamWithENS', [name, path.slice(name.length), metadata]]
  const users = publicRights.length > 0 ? [ZeroAddress] : []
  const permissions = users.map(() => permissionOf(publicRights))
  return [STREAM_REGISTRY, 'createStreamWithPermissions', [path, metadata, users, permissions]]
}

function encoded(change: RegistryChange): Encoded {
  switch (change.kind) {
    case 'create':
      return creation(change)
    case 'rights': {
      const permission = permissionOf(change.rights)
      if (change.grantee === 'public') {
        const { publishExpiration, subscribeExpiration } = permission
        return [
          STREAM_REGISTRY,
          'setPublicPermission',
          [change.streamId, publishExpiration, subscribeExpiration],
        ]
      }
      return [STREAM_REGISTRY, 'setPermissionsForUserIds', [change.streamId, [change.grantee], [permission]]]
    }
    case 'storage': {
      const method = change.assigned ? 'addStorageNode' : 'removeStorageNode'
      return [STORAGE_REGISTRY, method, [change.streamId, change.nodeAddress]]
    }
  }
}

class ContractChanges implements RegistryChanges {
  readonly #sender: TransactionSender
  readonly #contracts: NetworkDescription['contracts']

  constructor({ network, privateKey }: RegistryChangesOptions) {
    const { rpcUrl, rpcUrls = [], chainId, contracts } = network
    this.#sender = createTransactionSender({ rpcUrls: [rpcUrl, ...rpcUrls], chainId, privateKey })
    this.#contracts = contracts
  }

  estimate(change: RegistryChange, signal?: AbortSignal): Promise<TransactionCost> {
    return this.#sender.estimate([this.#callOf(change)], signal)
  }

  write(change: RegistryChange, signal?: AbortSignal): Promise<void> {
    return this.#sender.send(this.#callOf(change), signal)
  }

  #callOf(change: RegistryChange): ContractCall {
    const [contract, method, values] = encoded(change)
    const { streamRegistry, streamStorageRegistry } = this.#contracts
    const to = contract === STREAM_REGISTRY ? streamRegistry : streamStorageRegistry
    return { to, data: contract.encodeFunctionData(method, values) }
  }
}

export function createRegistryChanges(options: RegistryChangesOptions): RegistryChanges {
  return new ContractChanges(options)
}
