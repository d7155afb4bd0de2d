import { TidemarkError } from '../../../shared/errors.ts'
import { type MessageId, SIGNATURE_TYPES } from '../../../shared/message.ts'
import type { NetworkDescription } from '../../../shared/node-status.ts'
import {
  MAX_PROOF_CITATIONS,
  MAX_PROOF_MESSAGES,
  MAX_SOURCE_LENGTH,
  PROOF_KIND,
  PROOF_VERSION,
  type ProofCitation,
  type ProvenMessage,
  proofStatement,
} from '../../../shared/proof.ts'
import type { StorageAbsence, StorageProof } from '../../../shared/storage-proof.ts'
import { compareMessages } from '../message/order.ts'
import type { Clock, MessageStore, PermissionEvidence, PermissionOracle, StoredMessage } from '../ports.ts'
import type { SignText } from './audit/sign-report.ts'
import { examineMessage } from './examine.ts'
import { isOtherSigned } from './other-signed.ts'
import { type ProofBody, proofBodyDigest } from './proof-body.ts'
import type { ChosenRange } from './proof-range.ts'
import { RightsInState } from './rights-in-state.ts'

export interface ProofParts {
  store: Pick<MessageStore, 'get' | 'neighbours'>
  permissions: Pick<PermissionOracle, 'publishPermission'>
  network: Pick<NetworkDescription, 'chainId' | 'contracts'>
  /** The remote logs a message is part of, as far as this node knows. */
  citations?: (id: MessageId, digest: Uint8Array) => Promise<ProofCitation[]>
  /** A right as the chain's state has it, or why it cannot be had. Default: nobody is asked. */
  proveRight?: (streamId: string, evidence: PermissionEvidence) => Promise<StorageProof | StorageAbsence>
  clock: Clock
  /** Streamr address of this node, and its signature. */
  madeBy: string
  sign: SignText
}

/**
 * A proof file of one message or a selection, as text. See `shared/proof.ts` for its form.
 * @param chosen messages of one range with their places in it, instead of messages alone
 * @throws TidemarkError `invalid-input` for no message, too many, or one whose signature type has no name yet
 */
export async function makeProof(
  chosen: StoredMessage | readonly StoredMessage[] | ChosenRange,
  parts: ProofParts,
  signal?: AbortSignal,
): Promise<string> {
  const { messages, range } = 'range' in chosen ? chosen : { messages: inOrder(chosen), range: null }
  assertCount(messages.length)
  const rights = new RightsInState(parts.proveRight)
  const proven: ProvenMessage[] = []
  for (const [at, message] of messages.entries()) {
    signal?.throwIfAborted()
    proven.push(await proveMessage(message, parts, rights, range?.places[at] ?? null))
  }
  const { chainId, contracts } = parts.network
  const body: ProofBody = {
    kind: PROOF_KIND,
    version: PROOF_VERSION,
    made: { by: parts.madeBy.toLowerCase(), at: parts.clock.now() },
    network: {
      chainId,
      contracts: {
        streamRegistry: contracts.streamRegistry.toLowerCase(),
        streamStorageRegistry: contracts.streamStorageRegistry.toLowerCase(),
        storageNodeRegistry: contracts.storageNodeRegistry.toLowerCase(),
      },
    },
    range: range?.tree ?? null,
    storage: rights.proofs,
    storageAbsent: rights.absence,
    messages: proven,
  }
  const bodyDigest = proofBodyDigest(body)
  const signature = await parts.sign(proofStatement(bodyDigest))
  return `${JSON.stringify({ ...body, bodyDigest, signature }, null, 2)}\n`
}

function inOrder(messages: StoredMessage | readonly StoredMessage[]): StoredMessage[] {
  return 'raw' in messages ? [messages] : [...messages].sort(compareMessages)
}

function assertCount(count: number): void {
  if (count >= 1 && count <= MAX_PROOF_MESSAGES) return
  throw new TidemarkError(
    'invalid-input',
    `A proof holds 1 to ${MAX_PROOF_MESSAGES.toLocaleString('en')} messages, not ${count.toLocaleString('en')}.`,
    count === 0 ? 'Choose messages that are verified.' : 'Choose a shorter range, or one publisher.',
  )
}

async function proveMessage(
  message: StoredMessage,
  { store, permissions, citations }: ProofParts,
  rights: RightsInState,
  leaf: number | null,
): Promise<ProvenMessage> {
  const { id } = message
  const { decoded, digest, signer } = examineMessage(message.raw)
  const type = SIGNATURE_TYPES[decoded.signatureType]
  if (type === undefined) {
    throw new TidemarkError(
      'invalid-input',
      `The message has a signature of type ${decoded.signatureType}, which this version does not know.`,
      'A later version of Tidemark may be able to prove it.',
    )
  }
  const [answer, neighbours, contents, cited = []] = await Promise.all([
    permissions.publishPermission(id.streamId, id.publisher, id.timestamp),
    store.neighbours(id),
    store.get(id),
    citations?.(id, message.digest),
  ])
  const { streamId, partition, timestamp, sequence, publisher, chain } = decoded.id
  const { previous } = decoded
  return {
    id: { streamId, partition, timestamp, sequence, publisher, chain },
    previous: previous === undefined ? null : { timestamp: previous.timestamp, sequence: previous.sequence },
    digest: hex(digest),
    signature: { type, value: hex(decoded.signature), signer },
    verdict: message.verdict,
    reason: message.reason,
    permission: await rights.permissionOf(id.streamId, answer),
    chain: {
      previousHeld: previous === undefined ? null : (neighbours.previous?.stored ?? false),
      next: neighbours.next && { timestamp: neighbours.next.timestamp, sequence: neighbours.next.sequence },
      siblings: siblingsOf(message, contents),
    },
    firstSeen: { at: message.receivedAt, source: message.source.slice(0, MAX_SOURCE_LENGTH) },
    ...(cited.length === 0 ? {} : { remoteLogs: cited.slice(0, MAX_PROOF_CITATIONS) }),
    raw: Buffer.from(message.raw).toString('base64'),
    leaf,
  }
}

/** Most other contents of one id that a proof names: one is enough against the publisher. */
const MAX_SIBLINGS = 100

function siblingsOf(message: StoredMessage, contents: readonly StoredMessage[]): string[] {
  const others = new Set(
    contents.filter((other) => isOtherSigned(message, other)).map(({ digest }) => hex(digest)),
  )
  return [...others].sort().slice(0, MAX_SIBLINGS)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
