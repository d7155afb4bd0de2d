import type { ProofPermission } from '../../../shared/proof.ts'
import { MAX_STORAGE_PROOFS, type StorageAbsence, type StorageProof } from '../../../shared/storage-proof.ts'
import type { PermissionAnswer, PermissionEvidence } from '../ports.ts'

type ProveRight = (streamId: string, evidence: PermissionEvidence) => Promise<StorageProof | StorageAbsence>

/** The rights of a file's messages, with a proof from the chain's state for each right once. */
export class RightsInState {
  readonly proofs: StorageProof[] = []
  readonly #proveRight: ProveRight | undefined
  readonly #places = new Map<string, Promise<number | null>>()
  /** Why rights have no proof, as far as they have none. */
  absence: StorageAbsence | null = null

  constructor(proveRight: ProveRight | undefined) {
    this.#proveRight = proveRight
  }

  /** The registry's answer about one message as a proof states it. */
  async permissionOf(streamId: string, answer: PermissionAnswer): Promise<ProofPermission> {
    const { state, partitions, evidence } = answer
    return {
      state,
      partitions,
      evidence: evidence && {
        chainId: evidence.chainId,
        contract: evidence.contract.toLowerCase(),
        block: evidence.block,
        blockTimestamp: evidence.blockTimestamp,
        transaction: evidence.transaction.toLowerCase(),
        grantee: evidence.grantee.toLowerCase(),
        publishExpiration: evidence.publishExpiration,
      },
      storage: evidence === null || state !== 'permitted' ? null : await this.#placeOf(streamId, evidence),
    }
  }

  #placeOf(streamId: string, evidence: PermissionEvidence): Promise<number | null> {
    const key = JSON.stringify([streamId, evidence.grantee, evidence.block])
    const known = this.#places.get(key)
    if (known !== undefined) return known
    const place = this.#prove(streamId, evidence)
    this.#places.set(key, place)
    return place
  }

  async #prove(streamId: string, evidence: PermissionEvidence): Promise<number | null> {
    if (this.#proveRight === undefined || this.proofs.length >= MAX_STORAGE_PROOFS) return null
    const proof = await this.#proveRight(streamId, evidence)
    if (typeof proof === 'string') {
      this.absence ??= proof
      return null
    }
    return this.proofs.push(proof) - 1
  }
}
