import type { CheckedProof, ProofRange } from '../../../shared/proof.ts'
import { STORAGE_ABSENCES } from '../../../shared/storage-proof.ts'

/** What a good proof shows, in one sentence. */
export function proofSentence({ messages }: CheckedProof): string {
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
  return `${count(messages.length)} messages from ${utc(first.id.timestamp)} to ${utc(last.id.timestamp)} on ${where} were signed by ${signers}, who could publish there.`
}

/** What the outcome rests on: first what was computed here, then whose word the rest is. */
export function proofStatements(proof: CheckedProof): string[] {
  const { made, range, messages } = proof
  const equivocations = messages.filter(({ chain }) => chain.siblings.length > 0).length
  return [
    ...(equivocations === 0
      ? []
      : [
          `The maker knows of other contents under the same id for ${count(equivocations)} of the messages: the publisher signed both.`,
        ]),
    'Computed here from the raw bytes: ids, digests, signatures and signers. They agree with what the file says.',
    ...(range === null ? [] : [rangeStatement(range, messages)]),
    ...rightStatements(proof),
    proof.signature === null
      ? `On the word of the node ${made.by}, which the file names as its maker at ${utc(made.at)} and which has not signed it: when messages were first seen, what else is in their chains, and that it knows of no other content under the same ids where none is named.`
      : `On the word of the node ${made.by}, which signed the file and dates it ${utc(made.at)}: when messages were first seen, what else is in their chains, and that it knows of no other content under the same ids where none is named.`,
    'Not covered by signatures on Streamr: content type, encryption type and group key id of a message.',
  ]
}

function rangeStatement({ from, to, leaves, root }: ProofRange, messages: CheckedProof['messages']): string {
  const places = messages.map(({ leaf }) => leaf ?? 0)
  const first = places[0] ?? 0
  const last = places[places.length - 1] ?? 0
  const isUnbroken = last - first === places.length - 1
  const where =
    messages.length === 1
      ? `The message is number ${count(first + 1)}`
      : isUnbroken
        ? `The messages are numbers ${count(first + 1)} to ${count(last + 1)}, with none left out in between,`
        : `The messages are ${count(messages.length)}`
  return `Computed here: ${where} of the ${count(leaves)} verified messages that the maker held from ${utc(from)} to ${utc(to)}, under the Merkle root ${root}. Whoever holds the same messages, or an audit’s report with this root, can compare it.`
}

/** The right to publish: what was checked against the chain's state, and what rests on an RPC endpoint's word. */
function rightStatements({ network, storage, storageAbsent, messages }: CheckedProof): string[] {
  const untold = messages.filter(({ permission }) => permission.storage === null)
  const blocks = [...new Set(untold.map(({ permission }) => permission.evidence?.block ?? 0))].sort(
    (a, b) => a - b,
  )
  return [
    ...storage.map(
      ({ grantee, streamId, block, blockHash, blockTimestamp }) =>
        `Computed here from the state of block ${block} of chain ${network.chainId}, of ${utc(blockTimestamp)}: the registry gives ${/^0x0+$/.test(grantee) ? 'everybody' : grantee} the right to publish on ${streamId}. Left to ask anybody who knows the chain: whether this block has the hash ${blockHash}.`,
    ),
    ...(untold.length === 0
      ? []
      : [
          `Not checked here: the right to publish${storage.length === 0 ? '' : ` of ${count(untold.length)} messages`} rests on registry events of chain ${network.chainId} in ${blocks.length === 1 ? 'block' : 'blocks'} ${blocks.join(', ')}, as an RPC endpoint reported them to the node that made the file. Look them up to be sure.${storageAbsent === null ? '' : ` ${STORAGE_ABSENCES[storageAbsent]}`}`,
        ]),
  ]
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function utc(timestampMs: number): string {
  return new Date(timestampMs).toISOString()
}
