import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
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
import { compactJson, JsonRefused } from './compact-json.ts'
import { proofBodyDigest } from './proof-body.ts'

export type { ProofVerdict } from '../../../shared/proof.ts'

/** A proof nests five deep; later minor forms may add a little, hostile ones a lot. */
const MAX_DEPTH = 16

/**
 * Checks a proof file with no node and no network: everything that follows from the raw messages is computed again
 * and compared with what the file says. Never throws for what the file holds.
 */
export function verifyProofFile(bytes: Uint8Array): ProofVerdict {
  const read = readProof(bytes)
  if ('outcome' in read) return read
  const { proof } = read
  const problem = findProblem(proof)
  if (problem !== undefined) return { outcome: 'not-good', sentence: problem }
  return { outcome: 'good', sentence: summary(proof), statements: statements(proof), proof }
}

function readProof(bytes: Uint8Array): { proof: Proof } | ProofVerdict {
  if (bytes.length > MAX_PROOF_BYTES)
    return notReadable(`The file has more than ${MAX_PROOF_BYTES.toLocaleString('en')} bytes.`)
  if (!isUtf8(bytes)) return notReadable('The file is not UTF-8 text.')
  let compact: string
  let value: unknown
  try {
    compact = compactJson(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'),
      MAX_DEPTH,
    )
    value = JSON.parse(compact)
  } catch (error) {
    if (error instanceof JsonRefused) return notReadable(`The file holds ${error.message}.`)
    if (error instanceof SyntaxError) return notReadable('The file is not JSON.')
    throw error
  }
  const heading = z.object({ kind: z.literal(PROOF_KIND), version: z.int().min(1) }).safeParse(value)
  if (!heading.success) return notReadable('The file is no Tidemark proof.')
  if (heading.data.version > PROOF_VERSION) {
    return notReadable(
      `The proof has version ${heading.data.version}, and this Tidemark reads version ${PROOF_VERSION}. A newer Tidemark can read it.`,
    )
  }
  const parsed = proofSchema.safeParse(value)
  if (!parsed.success) return notReadable(`The proof is not well formed: ${firstIssue(parsed.error)}.`)
  const { bodyDigest, ...body } = parsed.data
  // Anything that reads the same but is written otherwise, such as a key that stands twice, is an alteration.
  if (JSON.stringify({ ...body, bodyDigest }) !== compact) {
    return notGood('The file was altered: it says something twice, in another order or in another form.')
  }
  if (proofBodyDigest(body) !== bodyDigest) {
    return notGood('The file was altered: its content does not have the digest that it states.')
  }
  return { proof: parsed.data }
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

/** The first thing that is wrong, by its place in the file. */
function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues
  const place = issue?.path.join('.')
  return `${place ? `${place}: ` : ''}${issue?.message ?? 'unknown'}`
}

function notReadable(sentence: string): ProofVerdict {
  return { outcome: 'not-readable', sentence }
}

function notGood(sentence: string): ProofVerdict {
  return { outcome: 'not-good', sentence }
}
