import { Wallet } from 'ethers'
import { streamPartId } from '../../shared/message.ts'
import type { NetworkDescription } from '../../shared/node-status.ts'
import type { FindKey } from './message/open-content.ts'
import type { MessageEvidence, RangeProofRequest } from './message-browser.ts'
import type { Clock, MessageStore, StoredMessage } from './ports.ts'
import type { SignText } from './provenance/audit/sign-report.ts'
import { type InspectionParts, inspectMessage } from './provenance/inspect.ts'
import { makeProof, type ProofParts } from './provenance/proof.ts'
import { type ChosenRange, chooseFromRange } from './provenance/proof-range.ts'
import { proveRight } from './provenance/state/prove-right.ts'
import type { VerdictHistory } from './provenance/verdict-history.ts'
import type { RegistryIndex } from './registry/registry-index.ts'
import { schemaOfStream } from './stream-schema.ts'

/** A proof of one message places it among those of its hour (UTC): nodes with the same hour have the same root. */
const RANGE_OF_ONE_MS = 3_600_000

/** Messages of that hour beyond which the proof of one message goes without: a second of hashing. */
const MAX_LEAVES_FOR_ONE = 250_000

export interface EvidenceRoleOptions {
  store: MessageStore
  index: RegistryIndex
  network: Pick<NetworkDescription, 'chainId' | 'contracts'>
  /** Of the node; 0x and 64 hex digits. */
  privateKey: string
  findKey: FindKey
  history: Pick<VerdictHistory, 'of'>
  citations: NonNullable<ProofParts['citations']>
  knownHolders: NonNullable<InspectionParts['knownHolders']>
  clock: Clock
}

/** What is known of messages as evidence: looked at, and as files to hand on. */
export interface EvidenceRole extends MessageEvidence {
  makeRangeProof(
    request: RangeProofRequest,
    signal?: AbortSignal,
  ): Promise<{ json: string; chosen: ChosenRange }>
}

/** The signature of a node under what it states, without 0x. */
export function signerOf(privateKey: string): { address: string; sign: SignText } {
  const wallet = new Wallet(privateKey)
  return { address: wallet.address, sign: async (text) => (await wallet.signMessage(text)).slice(2) }
}

/** Joins the evidence of messages to the store, the registry and the node's key. */
export function createEvidenceRole(options: EvidenceRoleOptions): EvidenceRole {
  const { store, index, network, privateKey, findKey, history, citations, knownHolders, clock } = options
  const { address, sign } = signerOf(privateKey)
  const parts: ProofParts = {
    ...{ store, permissions: index, network, citations, clock, sign },
    madeBy: address,
    proveRight: (streamId, evidence) => proveRight(index, streamId, evidence),
  }
  return {
    inspect: (message) =>
      inspectMessage(message, {
        ...{ store, permissions: index, findKey, knownHolders },
        schemaOf: (streamId) => schemaOfStream(index, streamId),
      }),
    history: ({ id, digest }) => history.of(id, Buffer.from(digest).toString('hex')),
    async rightInState({ id }, signal) {
      const { evidence } = await index.publishPermission(id.streamId, id.publisher, id.timestamp)
      if (evidence === null) return null
      const outcome = await proveRight(index, id.streamId, evidence, signal)
      if (typeof outcome === 'string') return { absent: outcome }
      const { block, blockHash, blockTimestamp, publishExpiration } = outcome
      return { block, blockHash, blockTimestamp, publishExpiration }
    },
    makeProof: async (message, signal) =>
      makeProof((await placeInHour(store, message, signal)) ?? message, parts, signal),
    async makeRangeProof({ part, from, to, publisher, within, digests }, signal) {
      const wanted = digests && new Set(digests)
      const isChosen = ({ id, digest }: StoredMessage) =>
        (publisher === undefined || id.publisher === publisher) &&
        (within === undefined || (id.timestamp >= within.from && id.timestamp <= within.to)) &&
        (wanted === undefined || wanted.has(Buffer.from(digest).toString('hex')))
      const chosen = await chooseFromRange(store, { part, from, to, isChosen }, signal)
      return { json: await makeProof(chosen, parts, signal), chosen }
    },
  }
}

/** Undefined for what is not verified and has no place, and where the hour has too many messages. */
async function placeInHour(
  store: MessageStore,
  { id, digest, verdict }: StoredMessage,
  signal: AbortSignal | undefined,
): Promise<ChosenRange | undefined> {
  if (verdict !== 'verified') return undefined
  const part = streamPartId(id.streamId, id.partition)
  const from = Math.floor(id.timestamp / RANGE_OF_ONE_MS) * RANGE_OF_ONE_MS
  const to = from + RANGE_OF_ONE_MS - 1
  const { buckets } = await store.timeline(part, from, to + 1, 64)
  if (buckets.reduce((sum, { count }) => sum + count, 0) > MAX_LEAVES_FOR_ONE) return undefined
  const isChosen = (other: StoredMessage) =>
    other.id.publisher === id.publisher &&
    other.id.chain === id.chain &&
    other.id.timestamp === id.timestamp &&
    other.id.sequence === id.sequence &&
    Buffer.compare(other.digest, digest) === 0
  return chooseFromRange(store, { part, from, to, isChosen }, signal)
}
