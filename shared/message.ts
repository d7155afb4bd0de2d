import type { Verdict, VerdictReason } from './verdict.ts'

/** Position of a message in a publisher's stream of time: milliseconds since the epoch, then sequence number. */
export interface MessageRef {
  timestamp: number
  sequence: number
}

/** What a publisher claims about a message; unique per honest publisher. `publisher` is lower-case 0x hex. */
export interface MessageId extends MessageRef {
  streamId: string
  partition: number
  publisher: string
  chain: string
}

/** Signature types by their number on Streamr's wire. */
export const SIGNATURE_TYPES = [
  'secp256k1-legacy',
  'secp256k1-evm',
  'erc-1271',
  'ml-dsa-87',
  'secp256r1',
] as const
export type SignatureType = (typeof SIGNATURE_TYPES)[number]

/** A stored message as a table row: enough to list, sort and filter without its raw bytes. */
export interface MessageRow {
  id: MessageId
  /** SHA-256 of the signature payload, lower-case hex without 0x. */
  digest: string
  verdict: Verdict
  reason: VerdictReason
  /** Another message with the same id and another digest is stored. */
  equivocation: boolean
  encrypted: boolean
  sizeBytes: number
  /** When this node first stored it, ms since the epoch. */
  receivedAt: number
  /** Where it came from: `live`, `resend:<node>`, `peer:<id>`, `remote-log:<name>`, `import`. */
  source: string
  /** The decoded JSON content, or its beginning as text when it is long, binary or not JSON. */
  content?: unknown
  contentKind: 'json' | 'text' | 'binary' | 'encrypted'
  contentTruncated: boolean
}

export type StreamPartId = string

/** Text form of a stream part, as Streamr writes it. */
export function streamPartId(streamId: string, partition: number): StreamPartId {
  return `${streamId}#${partition}`
}

/** @throws RangeError when `part` is not `streamId#partition`. */
export function parseStreamPartId(part: StreamPartId): { streamId: string; partition: number } {
  const hash = part.lastIndexOf('#')
  const partition = Number(part.slice(hash + 1))
  if (hash <= 0 || !/^\d{1,3}$/.test(part.slice(hash + 1))) {
    throw new RangeError(`Not a stream part: ${part.slice(0, 120)}`)
  }
  return { streamId: part.slice(0, hash), partition }
}
