import { clockStanding } from '../../../shared/clock-standing.ts'
import { sourceWords } from '../../../shared/format/source.ts'
import type { EvidenceLine, InspectedPermission, MessageInspection } from '../../../shared/inspection.ts'
import { VERDICT_REASON_SENTENCES } from '../../../shared/verdict.ts'

/** What the words are about: an inspection before its words are there. */
export type InspectedFacts = Omit<MessageInspection, 'sentence' | 'evidence'>

const SIGNATURE_TYPE_NAMES = {
  'secp256k1-legacy': 'secp256k1 (legacy payload)',
  'secp256k1-evm': 'secp256k1 (Ethereum)',
  'erc-1271': 'ERC-1271 (a contract)',
  'ml-dsa-87': 'ML-DSA-87',
  secp256r1: 'secp256r1',
} as const

/** The verdict in one sentence: who signed, by what right, whether the chain is whole, who holds it. */
export function verdictSentence(facts: InspectedFacts): string {
  const { siblings } = facts
  const equivocation = siblings.length === 0 ? [] : ['another content was signed under the same id']
  return `${[standing(facts), chainWords(facts), ...equivocation, heldWords(facts)].join('; ')}.`
}

/** Only what was learnt: of nodes that were not asked, nothing is said. */
function heldWords({ holders, holdersAsked }: InspectedFacts): string {
  if (holdersAsked === 0) return 'held here; no other node was asked'
  const all = `of ${grouped(1 + holdersAsked)} asked`
  return holders === 1 ? `held by this node alone ${all}` : `held by ${grouped(holders)} nodes ${all}`
}

/** The facts behind the verdict, each with whether it speaks for the message. */
export function evidenceLines(facts: InspectedFacts): EvidenceLine[] {
  return [
    signatureLine(facts),
    permissionLine(facts.permission),
    chainLine(facts),
    ...facts.siblings.map(
      ({ digest, source }): EvidenceLine => ({
        topic: 'equivocation',
        standing: 'bad',
        text: `Another content has the same id, digest ${digest.slice(0, 16)}…: ${sourceWords(source).words}.`,
      }),
    ),
    clockLine(facts),
    ...schemaLines(facts),
    {
      topic: 'holders',
      standing: 'plain',
      text: holdersSentence(facts),
    },
  ]
}

function holdersSentence({ holders, holdersAsked }: InspectedFacts): string {
  if (holdersAsked === 0) return 'This node holds it; whether others do was not asked yet.'
  const others =
    holdersAsked === 1
      ? 'The one other node'
      : `${grouped(holders - 1)} of ${grouped(holdersAsked)} other nodes`
  return holdersAsked === 1
    ? `${others} that answered ${holders === 1 ? 'does not hold it' : 'handed it out'}.`
    : `${others} that answered handed it out.`
}

function standing(facts: InspectedFacts): string {
  const publisher = shortId(facts.id.publisher)
  switch (facts.verdict) {
    case 'verified':
      return `Signed by ${publisher}, ${rightWords(facts.permission)}`
    case 'unauthorised':
      return `Signed by ${publisher}, ${lackWords(facts)}`
    case 'forged':
      return `Not signed by ${publisher}, whom it names: ${forgeryWords(facts)}`
    case 'pending':
      return `Names ${publisher} and is not decided yet: ${asClause(VERDICT_REASON_SENTENCES[facts.reason])}`
  }
}

function rightWords({ isPublic, block }: InspectedPermission): string {
  const since = block === null ? '' : ` since block ${grouped(block)}`
  return isPublic ? `on a stream where everyone may publish${since}` : `who may publish here${since}`
}

function lackWords({ reason, id }: InspectedFacts): string {
  switch (reason) {
    case 'permission-expired':
      return 'whose permission to publish had expired'
    case 'stream-unknown':
      return 'on a stream that the registry does not have'
    case 'partition-out-of-range':
      return `on partition ${id.partition}, which the stream does not have`
    default:
      return 'who had no permission to publish here'
  }
}

function forgeryWords({ reason, signature }: InspectedFacts): string {
  if (reason === 'contract-refused-signature') return 'the contract at that address refuses the signature'
  if (reason === 'signature-high-s') return 'the signature is in its malleable high-s form'
  return signature.signer === null
    ? 'the signature is none'
    : `the signature is by ${shortId(signature.signer)}`
}

function chainWords({ chain }: InspectedFacts): string {
  if (chain.previous === null) return 'names no message before it'
  return chain.previous.stored
    ? 'follows the message before without a gap'
    : 'names a message before it that is missing'
}

function signatureLine({ signature, id, verdict, reason }: InspectedFacts): EvidenceLine {
  const kind = signature.type === null ? `type ${signature.typeNumber}` : SIGNATURE_TYPE_NAMES[signature.type]
  if (signature.valid === null) {
    return { topic: 'signature', standing: 'open', text: `${kind}: ${VERDICT_REASON_SENTENCES[reason]}` }
  }
  if (signature.valid) {
    const by = signature.signer === null ? shortId(id.publisher) : shortId(signature.signer)
    return {
      topic: 'signature',
      standing: 'good',
      text: `${kind} signature over the payload, made by ${by}.`,
    }
  }
  const why =
    verdict === 'forged' ? VERDICT_REASON_SENTENCES[reason] : VERDICT_REASON_SENTENCES['signature-invalid']
  return { topic: 'signature', standing: 'bad', text: `${kind}: ${why}` }
}

function permissionLine(permission: InspectedPermission): EvidenceLine {
  const { state, block, blockTimestamp, transaction, isPublic } = permission
  const event =
    block === null
      ? ''
      : ` ${transaction === null ? 'State of the registry' : 'Registry event'} in block ${grouped(block)}${blockTimestamp === null ? '' : ` of ${utc(blockTimestamp)}`}${transaction === null ? '' : `, transaction ${shortId(transaction)}`}, as the node's RPC endpoint reported it.`
  switch (state) {
    case 'permitted':
      return {
        topic: 'permission',
        standing: 'good',
        text: `${isPublic ? 'Everyone may publish on the stream.' : 'The publisher may publish on the stream.'}${event}`,
      }
    case 'denied':
      return { topic: 'permission', standing: 'bad', text: `The publisher had no right to publish.${event}` }
    case 'expired':
      return {
        topic: 'permission',
        standing: 'bad',
        text: `The publisher's right to publish had expired.${event}`,
      }
    case 'no-stream':
      return { topic: 'permission', standing: 'bad', text: 'The registry has no stream of this id.' }
    case 'unknown':
      return {
        topic: 'permission',
        standing: 'open',
        text: 'The registry could not be asked about this time yet.',
      }
  }
}

function chainLine({ chain, previous }: InspectedFacts): EvidenceLine {
  if (chain.previous === null || previous === null) {
    return {
      topic: 'chain',
      standing: 'plain',
      text: 'The message is the first of its chain, or names no other before it.',
    }
  }
  const named = `${utc(previous.timestamp)}, sequence ${previous.sequence}`
  return chain.previous.stored
    ? { topic: 'chain', standing: 'good', text: `Follows the message of ${named}, which is here.` }
    : {
        topic: 'chain',
        standing: 'bad',
        text: `Names the message of ${named} as the one before, which is not here: a gap.`,
      }
}

/** Nothing of a stream without a schema. */
function schemaLines({ schema: { state, words } }: InspectedFacts): EvidenceLine[] {
  switch (state) {
    case 'none':
      return []
    case 'met':
      return [{ topic: 'content', standing: 'good', text: 'The content is what the stream’s schema allows.' }]
    case 'broken':
      return [
        {
          topic: 'content',
          standing: 'bad',
          text: `The content is not what the stream’s schema allows: ${words ?? ''}.`,
        },
      ]
    case 'open':
      return [
        {
          topic: 'content',
          standing: 'open',
          text: `The stream has a schema, and whether it is kept to cannot be said: ${words ?? ''}.`,
        },
      ]
  }
}

function clockLine({ id, receivedAt, source }: InspectedFacts): EvidenceLine {
  const standing = clockStanding(id.timestamp, receivedAt, source)
  const offBy = `${grouped(Math.round(Math.abs(id.timestamp - receivedAt) / 1_000))} s`
  switch (standing) {
    case 'ahead':
      return {
        topic: 'clock',
        standing: 'bad',
        text: `Claims a time ${offBy} after it was received: a wrong clock.`,
      }
    case 'behind':
      return {
        topic: 'clock',
        standing: 'bad',
        text: `Came live and claims a time ${offBy} before it was received: a wrong clock, or it was held back for so long.`,
      }
    case 'in-bounds':
      return {
        topic: 'clock',
        standing: 'plain',
        text: `Claims ${utc(id.timestamp)}; first seen ${utc(receivedAt)} from ${source}: in bounds.`,
      }
  }
}

/** Long ids by their ends, as people compare them. */
function shortId(id: string): string {
  return id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`
}

function grouped(value: number): string {
  return value.toLocaleString('en')
}

function utc(timestampMs: number): string {
  return new Date(timestampMs).toISOString()
}

function asClause(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`
}
