import type { AuditBody, AuditReport } from '../../../../shared/audit-report.ts'
import { streamPartId } from '../../../../shared/message.ts'
import type { RangeRoot } from '../../../../shared/range-root.ts'
import { MAX_STORAGE_PROOFS } from '../../../../shared/storage-proof.ts'
import type { StateSource } from '../../ports.ts'
import { proveRight } from '../state/prove-right.ts'

/** What one peer answered when it was asked for the root of the audited range. */
export interface PeerRoot {
  address: string
  signed: (RangeRoot & { signature: string }) | null
  why: string | null
}

export interface BesideParts {
  askRoots(question: { part: string; from: number; to: number }, signal: AbortSignal): Promise<PeerRoot[]>
  state: StateSource
}

/**
 * What stands beside the body of a report, because it depends on who can be reached: the roots that peers computed of
 * the range, and proofs from the chain's state of the rights that the body names.
 */
export async function besideReport(
  body: AuditBody,
  { askRoots, state }: BesideParts,
  signal: AbortSignal,
): Promise<AuditReport['beside']> {
  const { stream, range } = body
  const question = { part: streamPartId(stream.id, stream.partition), from: range.from, to: range.to }
  const answers = await askRoots(question, signal)
  const roots = answers.flatMap(({ address: by, signed }) => {
    if (signed === null) return []
    const { leaves, root, signature } = signed
    return [{ by, leaves, root, signature }]
  })
  return {
    peers: {
      asked: answers.length,
      empty: answers.filter(({ signed, why }) => signed === null && why === null).length,
      silent: answers.filter(({ why }) => why !== null).length,
      roots,
    },
    ...(await rightsFromState(body, state, signal)),
  }
}

async function rightsFromState(
  { stream, network, publishers, findings }: AuditBody,
  state: StateSource,
  signal: AbortSignal,
): Promise<Pick<AuditReport['beside'], 'storage' | 'storageAbsent'>> {
  const storage: AuditReport['beside']['storage'] = []
  let storageAbsent: AuditReport['beside']['storageAbsent'] = null
  const seen = new Set<string>()
  for (const { evidence } of [...findings, ...publishers].flatMap(({ rights }) => rights)) {
    if (evidence === null || storage.length === MAX_STORAGE_PROOFS) continue
    const key = `${evidence.grantee} ${evidence.block}`
    if (seen.has(key)) continue
    seen.add(key)
    const { chainId, streamRegistry: contract } = network
    const right = { ...evidence, chainId, contract, publisher: evidence.grantee }
    const proof = await proveRight(state, stream.id, right, signal)
    if (typeof proof !== 'string') storage.push(proof)
    else storageAbsent ??= proof
    // Where no endpoint offers them, the next right has none either.
    if (proof === 'not-offered' || proof === 'unreachable') break
  }
  return { storage, storageAbsent }
}
