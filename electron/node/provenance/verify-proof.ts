import {
  type CheckedProof,
  MAX_PROOF_BYTES,
  PROOF_KIND,
  PROOF_VERSION,
  type Proof,
  type ProofV1,
  type ProofVerdict,
  type ProvenMessage,
  proofSchema,
  proofSchemaV1,
  proofStatement,
} from '../../../shared/proof.ts'
import { compareMessages } from '../message/order.ts'
import { checkProvenMessage } from './check-proven-message.ts'
import { findWrongRange } from './check-range.ts'
import { findWrongStorage } from './check-storage-proofs.ts'
import { ethereumMessageHash } from './keccak256.ts'
import { proofBodyDigest } from './proof-body.ts'
import { proofSentence, proofStatements } from './proof-words.ts'
import {
  type EvidenceForm,
  type EvidenceText,
  notGood,
  parseEvidence,
  readEvidence,
} from './read-evidence.ts'
import { isHighS, recoverAddress } from './secp256k1-signature.ts'

export type { ProofVerdict } from '../../../shared/proof.ts'

export const PROOF_FORM: EvidenceForm = {
  kind: PROOF_KIND,
  name: 'proof',
  maxBytes: MAX_PROOF_BYTES,
  schemas: { 1: proofSchemaV1, [PROOF_VERSION]: proofSchema },
}

/**
 * Checks a proof file with no node and no network: everything that follows from the raw messages is computed again
 * and compared with what the file says. Never throws for what the file holds.
 */
export function verifyProofFile(bytes: Uint8Array): ProofVerdict {
  const read = readEvidence(bytes, [PROOF_FORM])
  return 'outcome' in read ? read : verifyProofText(read.text)
}

/** As `verifyProofFile`, for a file whose heading was read already. */
export function verifyProofText(text: EvidenceText): ProofVerdict {
  return text.version === 1 ? verifyFirstVersion(text) : verifySigned(text)
}

function verifyFirstVersion(text: EvidenceText): ProofVerdict {
  const parsed = parseEvidence<ProofV1>(text, proofSchemaV1, PROOF_FORM.name)
  if ('outcome' in parsed) return parsed
  const { bodyDigest, ...body } = parsed.value
  if (proofBodyDigest(body) !== bodyDigest) return ALTERED
  return judge({
    ...parsed.value,
    ...{ range: null, storage: [], storageAbsent: null, signature: null },
    messages: body.messages.map((message) => ({
      ...message,
      permission: { ...message.permission, storage: null },
      leaf: null,
    })),
  })
}

function verifySigned(text: EvidenceText): ProofVerdict {
  const parsed = parseEvidence<Proof>(text, proofSchema, PROOF_FORM.name)
  if ('outcome' in parsed) return parsed
  const { bodyDigest, signature, ...body } = parsed.value
  if (proofBodyDigest(body) !== bodyDigest) return ALTERED
  const bytes = Buffer.from(signature, 'hex')
  const hash = ethereumMessageHash(Buffer.from(proofStatement(bodyDigest), 'utf8'))
  if (recoverAddress(hash, bytes) !== body.made.by || isHighS(bytes)) {
    return notGood(`The file is not signed by the node ${body.made.by}, which it names as its maker.`)
  }
  return judge(parsed.value)
}

const ALTERED = notGood('The file was altered: its content does not have the digest that it states.')

function judge(proof: CheckedProof): ProofVerdict {
  const problem = findProblem(proof) ?? findWrongRange(proof) ?? findWrongStorage(proof)
  if (problem !== undefined) return notGood(problem)
  return { outcome: 'good', sentence: proofSentence(proof), statements: proofStatements(proof), proof }
}

function findProblem({ messages, network }: CheckedProof): string | undefined {
  for (const [index, message] of messages.entries()) {
    const problem = checkProvenMessage(message, network)
    if (problem !== undefined) return messages.length === 1 ? problem : `Message ${index + 1}: ${problem}`
    const before = messages[index - 1]
    if (before !== undefined && compareProven(before, message) >= 0) {
      return `Message ${index + 1} is not behind the one before it.`
    }
  }
  return undefined
}

function compareProven(a: ProvenMessage, b: ProvenMessage): number {
  return compareMessages(
    { id: a.id, digest: Buffer.from(a.digest, 'hex') },
    { id: b.id, digest: Buffer.from(b.digest, 'hex') },
  )
}
