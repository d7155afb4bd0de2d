import type { StorageAbsence, StorageProof } from '../../../../shared/storage-proof.ts'
import type { PermissionEvidence, StateSource } from '../../ports.ts'
import { type ProvenStorage, proveStorage, proveVersion, type StorageNodes } from './check-storage.ts'
import { publishExpirationSlot, versionSlot } from './registry-slots.ts'
import { TrieProofRefused } from './trie-proof.ts'

/**
 * A right to publish from the chain's state, checked here, in the block whose event gave it; where that state is kept
 * no more, in the newest block, if it has the same right.
 * @returns why there is none, where there is none
 */
export async function proveRight(
  source: StateSource,
  streamId: string,
  evidence: PermissionEvidence,
  signal?: AbortSignal,
): Promise<StorageProof | StorageAbsence> {
  const atEvent = await proveAt(source, streamId, evidence, evidence.block, signal)
  return atEvent === 'state-gone' ? proveAt(source, streamId, evidence, 'latest', signal) : atEvent
}

async function proveAt(
  source: StateSource,
  streamId: string,
  evidence: PermissionEvidence,
  at: number | 'latest',
  signal?: AbortSignal,
): Promise<StorageProof | StorageAbsence> {
  const contract = evidence.contract.toLowerCase()
  const grantee = evidence.grantee.toLowerCase()
  const ofVersion = hex(versionSlot(streamId))
  const first = await source.stateProof(contract, [ofVersion], at, signal)
  if (typeof first === 'string') return first
  try {
    const { header, account, slots } = first
    const { block, version } = proveVersion(contract, { streamId, header, account, version: slots[0] ?? [] })
    const ofRight = hex(publishExpirationSlot(streamId, version, grantee))
    const second = await source.stateProof(contract, [ofVersion, ofRight], block, signal)
    if (typeof second === 'string') return second
    const nodes: StorageNodes = {
      ...{ streamId, grantee, header: second.header, account: second.account },
      ...{ version: second.slots[0] ?? [], expiration: second.slots[1] ?? [] },
    }
    return judge(nodes, proveStorage(contract, nodes), second.blockHash, evidence)
  } catch (error) {
    if (error instanceof TrieProofRefused) return 'not-fitting'
    throw error
  }
}

function judge(
  nodes: StorageNodes,
  shown: ProvenStorage,
  statedHash: string,
  evidence: PermissionEvidence,
): StorageProof | StorageAbsence {
  const { block, blockHash, blockTimestamp, publishExpiration } = shown
  // A chain whose headers have a form of their own: what is computed here names no block of it.
  if (blockHash !== statedHash) return 'not-fitting'
  if (publishExpiration.toString() !== evidence.publishExpiration) {
    return block === evidence.block ? 'not-fitting' : 'state-gone'
  }
  const { streamId, grantee, header, account, version, expiration } = nodes
  return {
    ...{ streamId, grantee, block, blockHash, blockTimestamp },
    ...{ publishExpiration: publishExpiration.toString(), header, account, version, expiration },
  }
}

function hex(slot: Uint8Array): string {
  return `0x${Buffer.from(slot).toString('hex')}`
}
