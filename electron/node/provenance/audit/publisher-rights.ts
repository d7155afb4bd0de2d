import { MAX_REPORT_RIGHTS, type PublisherRight } from '../../../../shared/audit-report.ts'
import type { PermissionAnswer, PermissionOracle } from '../../ports.ts'

/**
 * What the registry says about one publisher over a span of message times, one stretch for each answer. It is cut
 * to the span, because how far an answer reaches beyond depends on how far the chain had come when it was asked.
 */
export async function rightsOver(
  permissions: Pick<PermissionOracle, 'publishPermission'>,
  { streamId, publisher, first, last }: { streamId: string; publisher: string; first: number; last: number },
): Promise<PublisherRight[]> {
  const rights: PublisherRight[] = []
  for (let at = first; at <= last; ) {
    const answer = await permissions.publishPermission(streamId, publisher, at)
    const to = Math.max(at + 1, Math.min(answer.validTo, last + 1))
    const right = toRight(answer, at, to)
    const before = rights.at(-1)
    if (before !== undefined && saysTheSame(before, right)) before.to = to
    else if (rights.length === MAX_REPORT_RIGHTS) break
    else rights.push(right)
    // Where the registry does not know, it answers for one millisecond at a time: nothing is gained by asking on.
    if (answer.state === 'unknown') break
    at = to
  }
  return rights
}

function toRight({ state, evidence }: PermissionAnswer, from: number, to: number): PublisherRight {
  return {
    state,
    from,
    to,
    evidence: evidence && {
      block: evidence.block,
      blockTimestamp: evidence.blockTimestamp,
      transaction: evidence.transaction.toLowerCase(),
      grantee: evidence.grantee.toLowerCase(),
      publishExpiration: evidence.publishExpiration,
    },
  }
}

function saysTheSame(a: PublisherRight, b: PublisherRight): boolean {
  return a.state === b.state && JSON.stringify(a.evidence) === JSON.stringify(b.evidence)
}
