import type { AuditBeside, AuditBody } from '../../../shared/audit-report.ts'
import { streamPartId } from '../../../shared/message.ts'
import { rangeRootStatement } from '../../../shared/range-root.ts'
import { STORAGE_ABSENCES, type StorageProof } from '../../../shared/storage-proof.ts'
import { ethereumMessageHash } from './keccak256.ts'
import { isHighS, recoverAddress } from './secp256k1-signature.ts'
import { proveStorage } from './state/check-storage.ts'
import { TrieProofRefused } from './state/trie-proof.ts'

/** Checks what stands beside the body of a report: other nodes' roots, and rights from the chain's state. */
export function findWrongBeside(body: AuditBody, beside: AuditBeside | null): string | undefined {
  if (beside === null) return undefined
  const { asked, empty, silent, roots } = beside.peers
  if (empty + silent + roots.length !== asked)
    return 'The report contradicts itself about the nodes it asked.'
  if (new Set(roots.map(({ by }) => by)).size !== roots.length) return 'The report counts a node twice.'
  for (const root of roots) {
    if (!isSigned(body, root)) return `The Merkle root of the node ${root.by} is not signed by it.`
  }
  for (const proof of beside.storage) {
    const problem = findWrongRight(body, proof)
    if (problem !== undefined) return problem
  }
  return undefined
}

function isSigned({ stream, range }: AuditBody, signed: AuditBeside['peers']['roots'][number]): boolean {
  const { by, leaves, root } = signed
  const part = streamPartId(stream.id, stream.partition)
  const statement = rangeRootStatement({ part, from: range.from, to: range.to, leaves, root })
  const signature = Buffer.from(signed.signature, 'hex')
  const hash = ethereumMessageHash(Buffer.from(statement, 'utf8'))
  return recoverAddress(hash, signature) === by && !isHighS(signature)
}

function findWrongRight(body: AuditBody, proof: StorageProof): string | undefined {
  try {
    const shown = proveStorage(body.network.streamRegistry, proof)
    const agrees =
      proof.streamId === body.stream.id &&
      shown.block === proof.block &&
      shown.blockHash === proof.blockHash &&
      shown.blockTimestamp === proof.blockTimestamp &&
      shown.publishExpiration.toString() === proof.publishExpiration
    if (!agrees) return 'The report states something else of a storage proof than the proof shows.'
  } catch (error) {
    if (error instanceof TrieProofRefused) return `A storage proof does not hold. ${error.message}.`
    throw error
  }
  return rightsOf(body).some(
    ({ grantee, block, publishExpiration }) =>
      grantee === proof.grantee && block <= proof.block && publishExpiration === proof.publishExpiration,
  )
    ? undefined
    : 'The report has a storage proof of a right that it does not name.'
}

function rightsOf({ publishers, findings }: AuditBody) {
  return [...publishers, ...findings]
    .flatMap(({ rights }) => rights)
    .flatMap(({ evidence }) => (evidence === null ? [] : [evidence]))
}

/** What is said of it, once it was found good. */
export function besideStatements({ merkle, network }: AuditBody, beside: AuditBeside | null): string[] {
  if (beside === null) return []
  const { asked, empty, silent, roots } = beside.peers
  const same = roots.filter(({ root, leaves }) => root === merkle.root && leaves === merkle.leaves)
  const blocks = [...new Set(beside.storage.map(({ block, blockHash }) => `${block} (${blockHash})`))]
  return [
    asked === 0
      ? 'No other node could be asked for its Merkle root of the range.'
      : `Of ${count(asked)} other nodes asked, ${count(same.length)} computed the same Merkle root from their own data and signed it${same.length === 0 ? '' : `: ${same.map(({ by }) => by).join(', ')}`}; ${count(roots.length - same.length)} signed another, ${count(empty)} hold nothing of the range, ${count(silent)} did not say. The signatures were checked here.`,
    ...(blocks.length === 0
      ? []
      : [
          `Computed here from the chain’s state: ${count(beside.storage.length)} of the rights named, in blocks of chain ${network.chainId} whose hashes are left to be looked up: ${blocks.join(', ')}.`,
        ]),
    ...(beside.storageAbsent === null ? [] : [STORAGE_ABSENCES[beside.storageAbsent]]),
  ]
}

function count(value: number): string {
  return value.toLocaleString('en')
}
