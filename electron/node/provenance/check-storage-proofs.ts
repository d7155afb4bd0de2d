import type { CheckedProof, ProvenMessage } from '../../../shared/proof.ts'
import type { StorageProof } from '../../../shared/storage-proof.ts'
import { proveStorage } from './state/check-storage.ts'
import { TrieProofRefused } from './state/trie-proof.ts'

/** Checks the proofs of rights of a file, and that messages rest on those they name; the sentence says what is wrong. */
export function findWrongStorage({ storage, network, messages }: CheckedProof): string | undefined {
  for (const proof of storage) {
    const problem = findWrongProof(proof, network.contracts.streamRegistry)
    if (problem !== undefined) return problem
  }
  const used = new Set<number>()
  for (const { id, permission } of messages) {
    if (permission.storage === null) continue
    const proof = storage[permission.storage]
    if (proof === undefined) return 'A message names a storage proof that the file does not have.'
    const problem = findOtherRight(proof, id, permission)
    if (problem !== undefined) return problem
    used.add(permission.storage)
  }
  return used.size === storage.length ? undefined : 'The file has a storage proof that no message rests on.'
}

function findWrongProof(proof: StorageProof, contract: string): string | undefined {
  try {
    const shown = proveStorage(contract, proof)
    const agrees =
      shown.block === proof.block &&
      shown.blockHash === proof.blockHash &&
      shown.blockTimestamp === proof.blockTimestamp &&
      shown.publishExpiration.toString() === proof.publishExpiration
    return agrees ? undefined : 'The file states something else of a storage proof than the proof shows.'
  } catch (error) {
    if (error instanceof TrieProofRefused) return `A storage proof does not hold. ${error.message}.`
    throw error
  }
}

function findOtherRight(
  proof: StorageProof,
  id: ProvenMessage['id'],
  { evidence }: ProvenMessage['permission'],
): string | undefined {
  if (evidence === null || proof.streamId !== id.streamId || proof.grantee !== evidence.grantee) {
    return 'A message names a storage proof of another right.'
  }
  if (proof.block < evidence.block) return 'A storage proof is of a block before the right was given.'
  if (proof.block === evidence.block && proof.publishExpiration !== evidence.publishExpiration) {
    return 'The registry event gives another right than the state of its block has.'
  }
  const messageSecond = BigInt(Math.floor(id.timestamp / 1_000))
  return BigInt(proof.publishExpiration) < messageSecond
    ? 'By the state of the chain the right had run out.'
    : undefined
}
