import type { MessageId, MessageRef, MessageRow, SignatureType } from './message.ts'
import type { StorageAbsence, StorageProof } from './storage-proof.ts'
import type { Verdict, VerdictReason } from './verdict.ts'

/** One fact behind a verdict, in words, with whether it speaks for the message. */
export interface EvidenceLine {
  topic: 'signature' | 'permission' | 'chain' | 'equivocation' | 'clock' | 'content' | 'holders'
  standing: 'good' | 'bad' | 'open' | 'plain'
  text: string
}

/** What the registry says about the signer's right to publish at the message's time. */
export interface InspectedPermission {
  state: 'permitted' | 'denied' | 'expired' | 'unknown' | 'no-stream'
  /** True when everyone may publish on the stream. */
  isPublic: boolean
  chainId: number | null
  contract: string | null
  /** Block of the registry event the answer rests on, and its time in ms since the epoch. */
  block: number | null
  blockTimestamp: number | null
  transaction: string | null
  /** Seconds since the epoch as a decimal string; null when nothing was granted. */
  publishExpiration: string | null
}

export interface InspectedSignature {
  /** Null for a number that this version does not know. */
  type: SignatureType | null
  typeNumber: number
  /** Lower-case hex without 0x. */
  hex: string
  /** Whether the signature belongs to the publisher; null when that cannot be decided here. */
  valid: boolean | null
  /** Who signed, as far as the signature tells: a recovered address or the key that checks it; else null. */
  signer: string | null
}

/** Another content stored under the same message id: evidence against the publisher. */
export interface EquivocationSibling {
  digest: string
  verdict: Verdict
  reason: VerdictReason
  source: string
  receivedAt: number
}

/** The content beside the schema of its stream, as that schema stands now; `open`: it cannot be said. */
export interface SchemaStanding {
  state: 'none' | 'met' | 'broken' | 'open'
  /** What is wrong, or why it cannot be said, as the end of a sentence; holds names of somebody's choice. */
  words: string | null
}

/** Everything that can be said about one stored message, as the Inspector shows it. */
export interface MessageInspection extends MessageRow {
  streamPart: string
  previous: MessageRef | null
  /** The verdict in one sentence. */
  sentence: string
  evidence: EvidenceLine[]
  /** The whole content as text, indented JSON where it is JSON; bounded, see `contentTextTruncated`. */
  contentText: string
  contentTextTruncated: boolean
  /** Key the content is encrypted with. */
  groupKeyId: string | null
  /** Lower-case hex of the raw bytes; bounded, see `rawTruncated`. */
  rawHex: string
  rawTruncated: boolean
  signature: InspectedSignature
  /** SHA-256 of the signature payload, computed again from the raw bytes; equals `digest` in a sound store. */
  payloadDigest: string
  payloadBytes: number
  permission: InspectedPermission
  chain: {
    /** The predecessor the message names, and whether this node holds it. */
    previous: { id: MessageId; stored: boolean } | null
    next: MessageId | null
  }
  siblings: EquivocationSibling[]
  schema: SchemaStanding
  /** Nodes known to hold the message, this one included. */
  holders: number
  /** Other nodes that answered whether they hold it; 0 while none was asked. */
  holdersAsked: number
}

/** The signer's right as the chain's state has it, checked here, or why that cannot be had; null where there is no right. */
export type RightInState =
  | Pick<StorageProof, 'block' | 'blockHash' | 'blockTimestamp' | 'publishExpiration'>
  | { absent: StorageAbsence }
  | null
