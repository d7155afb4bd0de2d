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
  type ProofPermission,
  type ProvenMessage,
} from '../../../shared/proof.ts'
import { compareMessages } from '../message/order.ts'
import type { Clock, MessageStore, PermissionAnswer, PermissionOracle, StoredMessage } from '../ports.ts'
import { examineMessage } from './examine.ts'
import { isOtherSigned } from './other-signed.ts'
import { type ProofBody, proofBodyDigest } from './proof-body.ts'

export interface ProofParts {
  store: Pick<MessageStore, 'get' | 'neighbours'>
  permissions: Pick<PermissionOracle, 'publishPermission'>
  network: Pick<NetworkDescription, 'chainId' | 'contracts'>
  /** The remote logs a message is part of, as far as this node knows. */
  citations?: (id: MessageId, digest: Uint8Array) => Promise<ProofCitation[]>
  clock: Clock
  /** Streamr address of this node. */
  madeBy: string
}

/**
 * A proof file of one message or a selection, as text. See `shared/proof.ts` for its form.
 * @throws TidemarkError `invalid-input` for no message, too many, or one whose signature type has no name yet
 */
export async function makeProof(
  messages: StoredMessage | readonly StoredMessage[],
  parts: ProofParts,
): Promise<string> {
  const selection = 'raw' in messages ? [messages] : [...messages]
  if (selection.length === 0 || selection.length > MAX_PROOF_MESSAGES) {
    throw new TidemarkError(
      'invalid-input',
      `A proof holds 1 to ${MAX_PROOF_MESSAGES.toLocaleString('en')} messages, not ${selection.length}.`,
      'Choose a shorter range.',
    )
  }
  const proven: ProvenMessage[] = []
  for (const message of selection.sort(compareMessages)) proven.push(await proveMessage(message, parts))
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
    messages: proven,
  }
  return `${JSON.stringify({ ...body, bodyDigest: proofBodyDigest(body) }, null, 2)}\n`
}

async function proveMessage(
  message: StoredMessage,
  { store, permissions, citations }: ProofParts,
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
    permission: permissionOf(answer),
    chain: {
      previousHeld: previous === undefined ? null : (neighbours.previous?.stored ?? false),
      next: neighbours.next && { timestamp: neighbours.next.timestamp, sequence: neighbours.next.sequence },
      siblings: siblingsOf(message, contents),
    },
    firstSeen: { at: message.receivedAt, source: message.source.slice(0, MAX_SOURCE_LENGTH) },
    ...(cited.length === 0 ? {} : { remoteLogs: cited.slice(0, MAX_PROOF_CITATIONS) }),
    raw: Buffer.from(message.raw).toString('base64'),
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

function permissionOf({ state, partitions, evidence }: PermissionAnswer): ProofPermission {
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
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
