import type { StorageProof } from '../../../../shared/storage-proof.ts'
import { keccak256 } from '../keccak256.ts'
import { publishExpirationSlot, versionSlot } from './registry-slots.ts'
import { decodeRlp, RlpRefused, rlpBytes, rlpList, rlpNumber } from './rlp.ts'
import { TrieProofRefused, valueInTrie } from './trie-proof.ts'

/** Places in a block's header, which is a list. */
const HEADER_STATE_ROOT = 3
const HEADER_NUMBER = 8
const HEADER_TIMESTAMP = 11
/** Place of the storage's root in an account, which is a list of four. */
const ACCOUNT_STORAGE_ROOT = 2

/** What a proof shows: the right as it stood in the state of one block. */
export interface ProvenStorage {
  block: number
  blockHash: string
  /** ms since the epoch. */
  blockTimestamp: number
  /** Seconds since the epoch; 0 when nothing was given. */
  publishExpiration: bigint
}

export type StorageNodes = Pick<
  StorageProof,
  'streamId' | 'grantee' | 'header' | 'account' | 'version' | 'expiration'
>

/**
 * Walks from a block's header to the registry contract's account and from there to the right of one user. Whether the
 * block is one of the chain is all that is left to ask: its hash names it.
 * @param contract address of the stream registry
 * @throws {TrieProofRefused} with what does not fit
 */
export function proveStorage(contract: string, nodes: StorageNodes): ProvenStorage {
  return refusing(() => {
    const { stateRoot, ...header } = readHeader(nodes.header)
    const storageRoot = storageRootOf(stateRoot, contract, nodes.account)
    const version = numberAt(storageRoot, versionSlot(nodes.streamId), nodes.version)
    const slot = publishExpirationSlot(nodes.streamId, version, nodes.grantee)
    return { ...header, publishExpiration: numberAt(storageRoot, slot, nodes.expiration) }
  })
}

/**
 * How often a stream was made: needed before the slot of a right is known.
 * @throws {TrieProofRefused}
 */
export function proveVersion(
  contract: string,
  { streamId, header, account, version }: Omit<StorageNodes, 'expiration' | 'grantee'>,
): { block: number; version: bigint } {
  return refusing(() => {
    const { stateRoot, block } = readHeader(header)
    const storageRoot = storageRootOf(stateRoot, contract, account)
    return { block, version: numberAt(storageRoot, versionSlot(streamId), version) }
  })
}

function readHeader(hex: string): Omit<ProvenStorage, 'publishExpiration'> & { stateRoot: Uint8Array } {
  const bytes = bytesOf(hex)
  const fields = rlpList(decodeRlp(bytes))
  return {
    stateRoot: rlpBytes(fields[HEADER_STATE_ROOT]),
    block: safeNumber(rlpNumber(fields[HEADER_NUMBER])),
    blockHash: `0x${Buffer.from(keccak256(bytes)).toString('hex')}`,
    blockTimestamp: safeNumber(rlpNumber(fields[HEADER_TIMESTAMP]) * 1_000n),
  }
}

function refusing<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RlpRefused) throw new TrieProofRefused(`It cannot be read: ${error.message}`)
    throw error
  }
}

function storageRootOf(stateRoot: Uint8Array, contract: string, account: readonly string[]): Uint8Array {
  const value = valueInTrie(stateRoot, bytesOf(contract.slice(2)), account.map(bytesOf))
  if (value === undefined) throw new TrieProofRefused('The block has no such contract')
  return rlpBytes(rlpList(decodeRlp(value))[ACCOUNT_STORAGE_ROOT])
}

function numberAt(storageRoot: Uint8Array, slot: Uint8Array, nodes: readonly string[]): bigint {
  const value = valueInTrie(storageRoot, slot, nodes.map(bytesOf))
  return value === undefined ? 0n : rlpNumber(decodeRlp(value))
}

function safeNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new TrieProofRefused('A number of the block is too large')
  return Number(value)
}

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
