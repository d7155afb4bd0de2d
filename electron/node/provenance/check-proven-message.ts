import { SIGNATURE_TYPES, streamPartId } from '../../../shared/message.ts'
import type { CheckedProof, ProofPermission, ProvenMessage } from '../../../shared/proof.ts'
import { VERDICT_REASON_SENTENCES } from '../../../shared/verdict.ts'
import { MessageRefused } from '../message/message-refused.ts'
import { groupIdOf, mvdsMessageId } from '../message/mvds-id.ts'
import { compareMessageRefs } from '../message/order.ts'
import { type Examination, examineMessage } from './examine.ts'
import { PUBLIC_GRANTEE } from './public-grantee.ts'

/**
 * A right may be stamped this long after the message that rests on it, ms: block time may run ahead of publishers'
 * clocks, by up to 15 s on public chains, and the registry index allows for that.
 */
const GRANT_LEAD_MS = 15_000

/** Checks one message of a proof; the sentence says what is wrong, undefined that nothing is. */
export function checkProvenMessage(
  stated: ProvenMessage,
  network: CheckedProof['network'],
): string | undefined {
  const raw = Buffer.from(stated.raw, 'base64')
  if (raw.toString('base64') !== stated.raw) return 'The raw message is not in plain base64.'
  let examination: Examination
  try {
    examination = examineMessage(raw)
  } catch (error) {
    if (error instanceof MessageRefused) return `The raw bytes are no message: ${error.message}`
    throw error
  }
  return (
    findDisagreement(stated, examination) ??
    findWrongSignature(examination) ??
    findWrongVerdict(stated) ??
    findWrongPermission(stated, network) ??
    findWrongChain(stated) ??
    findWrongCitation(stated, raw)
  )
}

/** What the file says beside the raw message must be what the raw message says. */
function findDisagreement(
  stated: ProvenMessage,
  { decoded, digest, signer }: Examination,
): string | undefined {
  const { id, previous } = decoded
  if (decoded.body.kind !== 'content') return 'The raw message is key exchange and has no content.'
  const disagrees = (what: string) => `The file states another ${what} than the raw message has.`
  if (stated.id.streamId !== id.streamId) return disagrees('stream')
  if (stated.id.partition !== id.partition) return disagrees('partition')
  if (compareMessageRefs(stated.id, id) !== 0) return disagrees('time or sequence number')
  if (stated.id.publisher !== id.publisher) return disagrees('publisher')
  if (stated.id.chain !== id.chain) return disagrees('message chain')
  if ((stated.previous === null) !== (previous === undefined)) return disagrees('predecessor')
  if (
    stated.previous !== null &&
    previous !== undefined &&
    compareMessageRefs(stated.previous, previous) !== 0
  ) {
    return disagrees('predecessor')
  }
  if (stated.digest !== Buffer.from(digest).toString('hex')) return disagrees('digest')
  if (stated.signature.type !== SIGNATURE_TYPES[decoded.signatureType]) return disagrees('type of signature')
  if (stated.signature.value !== Buffer.from(decoded.signature).toString('hex')) return disagrees('signature')
  if (stated.signature.signer !== signer)
    return 'The signature was made by another than the signer the file states.'
  return undefined
}

/** A log is named together with the id the message has there, which follows from the message. */
function findWrongCitation({ id, remoteLogs = [] }: ProvenMessage, raw: Uint8Array): string | undefined {
  const groupId = groupIdOf(streamPartId(id.streamId, id.partition))
  const own = mvdsMessageId({ groupId, timestamp: BigInt(id.timestamp), body: raw })
  const isOther = remoteLogs.some(({ message }) => message !== Buffer.from(own).toString('hex'))
  return isOther ? 'The file names another message of a remote log than this one.' : undefined
}

function findWrongSignature({ signature }: Examination): string | undefined {
  switch (signature) {
    case 'valid':
      return undefined
    case 'ask-contract':
      return 'The signature is one that only a contract on the chain can confirm (ERC-1271), so it cannot be checked offline.'
    default:
      return VERDICT_REASON_SENTENCES[signature]
  }
}

function findWrongVerdict({ verdict, reason }: ProvenMessage): string | undefined {
  if (verdict === 'verified' && reason === 'signed-and-permitted') return undefined
  return `The node that made the file did not find the message verified: ${VERDICT_REASON_SENTENCES[reason]}`
}

/** The registry event must be about this publisher, on this network, and give a right at the message's time. */
function findWrongPermission(
  { id, permission }: ProvenMessage,
  network: CheckedProof['network'],
): string | undefined {
  const { state, partitions, evidence } = permission
  if (state !== 'permitted') return `The file states that the publisher had no right to publish (${state}).`
  if (evidence === null)
    return 'The file names no registry event that gave the publisher the right to publish.'
  if (partitions !== null && id.partition >= partitions)
    return 'The file states fewer partitions than the message needs.'
  if (evidence.chainId !== network.chainId || evidence.contract !== network.contracts.streamRegistry) {
    return 'The registry event is not of the network that the file names.'
  }
  if (evidence.grantee !== id.publisher && evidence.grantee !== PUBLIC_GRANTEE) {
    return 'The registry event gives the right to somebody else.'
  }
  return findWrongTime(id.timestamp, evidence)
}

function findWrongTime(
  timestamp: number,
  { blockTimestamp, publishExpiration }: NonNullable<ProofPermission['evidence']>,
): string | undefined {
  if (blockTimestamp > timestamp + GRANT_LEAD_MS) return 'The registry event came after the message.'
  const messageSecond = BigInt(Math.floor(timestamp / 1_000))
  if (BigInt(publishExpiration) < messageSecond) return 'The right that the registry event gave had expired.'
  return undefined
}

function findWrongChain({ id, previous, chain, digest }: ProvenMessage): string | undefined {
  if ((chain.previousHeld === null) !== (previous === null)) {
    return 'The file contradicts itself about the predecessor.'
  }
  if (chain.next !== null && compareMessageRefs(chain.next, id) <= 0) {
    return 'The successor that the file names is not behind the message.'
  }
  if (chain.siblings.includes(digest))
    return 'The file names the message itself as another content of its id.'
  return undefined
}
