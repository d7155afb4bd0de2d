import type { VerdictReason } from '../../../shared/verdict.ts'
import type { PermissionEvidence, PermissionOracle, StoredMessage, VerdictUpdate } from '../ports.ts'
import { type Decision, decide } from './decide.ts'
import { askPermissions } from './permission-questions.ts'
import type { VerifierPool } from './verifier-pool.ts'

/**
 * Verdicts that rest on a good signature, which stays good: only the permission is asked again. All others need
 * the message itself.
 */
export const SIGNATURE_IS_GOOD: ReadonlySet<VerdictReason> = new Set([
  'signed-and-permitted',
  'no-publish-permission',
  'permission-expired',
  'permission-unknown',
  'stream-unknown',
  'partition-out-of-range',
])

export interface ReviewParts {
  permissions: Pick<PermissionOracle, 'publishPermission'>
  verifier: Pick<VerifierPool, 'decide'>
}

/** A verdict that is another now, and the registry's event it rests on. */
export interface Review {
  update: VerdictUpdate
  message: StoredMessage
  evidence: PermissionEvidence | null
}

/** The verdicts that these stored messages would get now, where they differ from those they have. */
export async function reviewMessages(
  messages: readonly StoredMessage[],
  { permissions, verifier }: ReviewParts,
): Promise<Review[]> {
  const signed = messages.filter(({ reason }) => SIGNATURE_IS_GOOD.has(reason))
  const unsure = messages.filter(({ reason }) => !SIGNATURE_IS_GOOD.has(reason))
  const answers = await askPermissions(
    signed.map(({ id }) => id),
    (questions) =>
      Promise.all(
        questions.map(({ streamId, publisher, timestamp }) =>
          permissions.publishPermission(streamId, publisher, timestamp),
        ),
      ),
  )
  const updates = signed.flatMap((message, at) =>
    changed(message, decide('valid', answers[at], message.id.partition), answers[at]?.evidence ?? null),
  )
  const decisions = unsure.length > 0 ? await verifier.decide(unsure.map(({ raw }) => raw)) : []
  return [...updates, ...unsure.flatMap((message, at) => changed(message, decisions[at] ?? undefined, null))]
}

function changed(
  message: StoredMessage,
  decision: Decision | undefined,
  evidence: PermissionEvidence | null,
): Review[] {
  if (decision === undefined) return []
  const { id, digest, verdict, reason, raw } = message
  if (decision.verdict === verdict && decision.reason === reason) return []
  // Several copies of an undecided message may be stored, with different signatures: the bytes say which is meant.
  return [{ update: { id, digest, ...decision, raw }, message, evidence }]
}
