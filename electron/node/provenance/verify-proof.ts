import {
  MAX_PROOF_BYTES,
  PROOF_KIND,
  PROOF_VERSION,
  type Proof,
  type ProofVerdict,
  type ProvenMessage,
  proofSchema,
} from '../../../shared/proof.ts'
import { compareMessages } from '../message/order.ts'
import { checkProvenMessage } from './check-proven-message.ts'
import { proofBodyDigest } from './proof-body.ts'
import {
  type EvidenceForm,
  type EvidenceText,
  notGood,
  parseEvidence,
  readEvidence,
} from './read-evidence.ts'

export type { ProofVerdict } from '../../../shared/proof.ts'

export const PROOF_FORM: EvidenceForm = {
  kind: PROOF_KIND,
  name: 'proof',
  maxBytes: MAX_PROOF_BYTES,
  schemas: { [PROOF_VERSION]: proofSchema },
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
  const parsed = parseEvidence(text, proofSchema, PROOF_FORM.name)
  if ('outcome' in parsed) return parsed
  const proof = parsed.value
  const { bodyDigest, ...body } = proof
  if (proofBodyDigest(body) !== bodyDigest) {
    return notGood('The file was altered: its content does not have the digest that it states.')
  }
  const problem = findProblem(proof)
  if (problem !== undefined) return notGood(problem)
  return { outcome: 'good', sentence: summary(proof), statements: statements(proof), proof }
}

function findProblem({ messages, network }: Proof): string | undefined {
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

function summary({ messages }: Proof): string {
  const [first] = messages
  const last = messages[messages.length - 1]
  if (first === undefined || last === undefined) return ''
  const publishers = new Set(messages.map(({ id }) => id.publisher))
  const signers = publishers.size === 1 ? first.id.publisher : `${publishers.size} publishers`
  if (messages.length === 1) {
    return `The message of ${utc(first.id.timestamp)} on ${first.id.streamId} was signed by ${signers}, who could publish there.`
  }
  const streams = new Set(messages.map(({ id }) => id.streamId))
  const where = streams.size === 1 ? first.id.streamId : `${streams.size} streams`
  return `${messages.length.toLocaleString('en')} messages from ${utc(first.id.timestamp)} to ${utc(last.id.timestamp)} on ${where} were signed by ${signers}, who could publish there.`
}

/** What the outcome rests on: first what was computed here, then whose word the rest is. */
function statements({ made, network, messages }: Proof): string[] {
  const equivocations = messages.filter(({ chain }) => chain.siblings.length > 0).length
  const blocks = [...new Set(messages.map(({ permission }) => permission.evidence?.block ?? 0))].sort(
    (a, b) => a - b,
  )
  return [
    ...(equivocations === 0
      ? []
      : [
          `The maker knows of other contents under the same id for ${equivocations} of the messages: the publisher signed both.`,
        ]),
    'Computed here from the raw bytes: ids, digests, signatures and signers. They agree with what the file says.',
    `Not checked here: the right to publish rests on registry events of chain ${network.chainId} in ${blocks.length === 1 ? 'block' : 'blocks'} ${blocks.join(', ')}, as an RPC endpoint reported them to the node that made the file. Look them up to be sure.`,
    `On the word of the node ${made.by}, which made the file at ${utc(made.at)}: when messages were first seen, what else is in their chains, and that it knows of no other content under the same ids where none is named.`,
    'Not covered by signatures on Streamr: content type, encryption type and group key id of a message.',
  ]
}

function utc(timestampMs: number): string {
  return new Date(timestampMs).toISOString()
}
