import { type Verdict, type VerdictReason, verdictCode, verdictReasonCode } from '../../../shared/verdict.ts'
import type { PermissionAnswer } from '../ports.ts'

export interface Decision {
  verdict: Verdict
  reason: VerdictReason
}

export function decisionCodes({ verdict, reason }: Decision): [verdict: number, reason: number] {
  return [verdictCode(verdict), verdictReasonCode(reason)]
}

/** What is known of a signature once everybody who had to be asked has answered. */
export type SignatureStanding =
  | 'valid'
  | 'signature-invalid'
  | 'signature-high-s'
  | 'contract-refused-signature'
  | 'rpc-unavailable'
  | 'signature-type-unsupported'

const DECISIONS = {
  verified: { verdict: 'verified', reason: 'signed-and-permitted' },
  invalid: { verdict: 'forged', reason: 'signature-invalid' },
  highS: { verdict: 'forged', reason: 'signature-high-s' },
  contractRefused: { verdict: 'forged', reason: 'contract-refused-signature' },
  denied: { verdict: 'unauthorised', reason: 'no-publish-permission' },
  expired: { verdict: 'unauthorised', reason: 'permission-expired' },
  noStream: { verdict: 'unauthorised', reason: 'stream-unknown' },
  noPartition: { verdict: 'unauthorised', reason: 'partition-out-of-range' },
  permissionUnknown: { verdict: 'pending', reason: 'permission-unknown' },
  rpcUnavailable: { verdict: 'pending', reason: 'rpc-unavailable' },
  unsupported: { verdict: 'pending', reason: 'signature-type-unsupported' },
} as const satisfies Record<string, Decision>

/**
 * The verdict on one message. The signature speaks first: what is forged is forged whoever may publish, and what
 * cannot be attributed yet is not blamed on anyone.
 * @param permission the registry's answer for the publisher at the message's time; undefined while nobody answered.
 */
export function decide(
  signature: SignatureStanding,
  permission: PermissionAnswer | undefined,
  partition: number,
): Decision {
  switch (signature) {
    case 'signature-invalid':
      return DECISIONS.invalid
    case 'signature-high-s':
      return DECISIONS.highS
    case 'contract-refused-signature':
      return DECISIONS.contractRefused
    case 'rpc-unavailable':
      return DECISIONS.rpcUnavailable
    case 'signature-type-unsupported':
      return DECISIONS.unsupported
    case 'valid':
      return decidePermission(permission, partition)
  }
}

function decidePermission(permission: PermissionAnswer | undefined, partition: number): Decision {
  if (permission === undefined) return DECISIONS.permissionUnknown
  switch (permission.state) {
    case 'unknown':
      return DECISIONS.permissionUnknown
    case 'no-stream':
      return DECISIONS.noStream
    case 'denied':
      return DECISIONS.denied
    case 'expired':
      return DECISIONS.expired
    case 'permitted':
      if (permission.partitions !== null && partition >= permission.partitions) return DECISIONS.noPartition
      return DECISIONS.verified
  }
}
