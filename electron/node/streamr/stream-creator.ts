import { Interface, MaxUint256, ZeroAddress } from 'ethers'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import type { TransactionCost } from '../../../shared/storage.ts'
import { type ContractCall, createTransactionSender } from './transaction-sender.ts'

const STREAM_REGISTRY = new Interface([
  'function exists(string streamId) view returns (bool)',
  'function createStreamWithPermissions(string path, string metadata, address[] users, tuple(bool canEdit, bool canDelete, uint256 publishExpiration, uint256 subscribeExpiration, bool canGrant)[] permissions)',
])

export interface NewStream {
  /** Behind the owner's address: `/fleet`. */
  path: string
  metadata: Readonly<Record<string, unknown>>
  /** Addresses that may publish beside the owner, or everybody. */
  publishers: readonly string[] | 'everybody'
  /** Whether everybody may read; without it messages are encrypted. */
  isPublic: boolean
}

/** Makes streams in the name of one account by one transaction each, the cost of which can be told before. */
export interface StreamCreator {
  /** @throws TidemarkError */
  exists(streamId: string, signal?: AbortSignal): Promise<boolean>
  /** @throws TidemarkError */
  estimate(stream: NewStream, signal?: AbortSignal): Promise<TransactionCost>
  /** Resolves with the stream's id when it is in a block. @throws TidemarkError */
  create(stream: NewStream, signal?: AbortSignal): Promise<string>
}

export interface StreamCreatorOptions {
  network: Pick<NetworkDescription, 'rpcUrl' | 'rpcUrls' | 'chainId' | 'contracts'>
  /** 0x and 64 hex digits. */
  privateKey: string
}

export function createStreamCreator({ network, privateKey }: StreamCreatorOptions): StreamCreator {
  const { rpcUrl, rpcUrls = [], chainId, contracts } = network
  const sender = createTransactionSender({ rpcUrls: [rpcUrl, ...rpcUrls], chainId, privateKey })
  const to = contracts.streamRegistry
  const callOf = (stream: NewStream): ContractCall => ({
    to,
    data: STREAM_REGISTRY.encodeFunctionData('createStreamWithPermissions', [
      stream.path,
      JSON.stringify(stream.metadata),
      ...permissionsOf(stream),
    ]),
  })
  return {
    async exists(streamId, signal) {
      const data = STREAM_REGISTRY.encodeFunctionData('exists', [streamId])
      const answer = await sender.read({ to, data }, signal)
      return STREAM_REGISTRY.decodeFunctionResult('exists', answer)[0] === true
    },
    estimate: (stream, signal) => sender.estimate([callOf(stream)], signal),
    async create(stream, signal) {
      await sender.send(callOf(stream), signal)
      return `${sender.address}${stream.path}`
    },
  }
}

/** Users and their permissions, as two lists of one length; the zero address stands for everybody. */
function permissionsOf({ publishers, isPublic }: NewStream): [string[], object[]] {
  const permission = (publish: boolean, subscribe: boolean) => ({
    canEdit: false,
    canDelete: false,
    publishExpiration: publish ? MaxUint256 : 0n,
    subscribeExpiration: subscribe ? MaxUint256 : 0n,
    canGrant: false,
  })
  const everybodyPublishes = publishers === 'everybody'
  const named = everybodyPublishes ? [] : publishers
  const everybody = isPublic || everybodyPublishes
  return [
    [...named, ...(everybody ? [ZeroAddress] : [])],
    [
      ...named.map(() => permission(true, !isPublic)),
      ...(everybody ? [permission(everybodyPublishes, isPublic)] : []),
    ],
  ]
}
