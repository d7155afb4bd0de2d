import { verdictCode, verdictOf, verdictReasonCode, verdictReasonOf } from '../../../shared/verdict.ts'
import type { StoredMessage } from '../ports.ts'

const DIGEST_BYTES = 32
const FLAG_EQUIVOCATION = 1
const FLAG_ENCRYPTED = 2

/** Messages of one stream part on their way to the thread that writes: columns that are handed over, not copied. */
export interface PackedMessages {
  count: number
  timestamps: Float64Array<ArrayBuffer>
  sequences: Int32Array<ArrayBuffer>
  receivedAts: Float64Array<ArrayBuffer>
  /** Three a message: verdict, reason, flags. */
  codes: Uint8Array<ArrayBuffer>
  digests: Uint8Array<ArrayBuffer>
  rawEnds: Uint32Array<ArrayBuffer>
  raws: Uint8Array<ArrayBuffer>
  publishers: string[]
  chains: string[]
  /** Keys of encrypted content, by message, as far as they are known. */
  keys: (Uint8Array | undefined)[]
}

export function packMessages(
  messages: readonly StoredMessage[],
  keyOf: (message: StoredMessage) => Uint8Array | undefined,
): PackedMessages {
  const count = messages.length
  const packed: PackedMessages = {
    count,
    timestamps: new Float64Array(count),
    sequences: new Int32Array(count),
    receivedAts: new Float64Array(count),
    codes: new Uint8Array(count * 3),
    digests: new Uint8Array(count * DIGEST_BYTES),
    rawEnds: new Uint32Array(count),
    raws: new Uint8Array(messages.reduce((sum, { raw }) => sum + raw.length, 0)),
    publishers: [],
    chains: [],
    keys: [],
  }
  let end = 0
  for (const [at, message] of messages.entries()) {
    const { id, digest, verdict, reason, equivocation, encrypted, receivedAt, raw } = message
    packed.timestamps[at] = id.timestamp
    packed.sequences[at] = id.sequence
    packed.receivedAts[at] = receivedAt
    const flags = (equivocation ? FLAG_EQUIVOCATION : 0) | (encrypted ? FLAG_ENCRYPTED : 0)
    packed.codes.set([verdictCode(verdict), verdictReasonCode(reason), flags], at * 3)
    packed.digests.set(digest, at * DIGEST_BYTES)
    packed.raws.set(raw, end)
    end += raw.length
    packed.rawEnds[at] = end
    packed.publishers.push(id.publisher)
    packed.chains.push(id.chain)
    packed.keys.push(encrypted ? keyOf(message) : undefined)
  }
  return packed
}

/** Buffers that go over with the messages. */
export function buffersOf(packed: PackedMessages): ArrayBuffer[] {
  const { timestamps, sequences, receivedAts, codes, digests, rawEnds, raws } = packed
  return [timestamps, sequences, receivedAts, codes, digests, rawEnds, raws].map(({ buffer }) => buffer)
}

/** One message as it is written: its id within the part, and views of the packed bytes. */
export type UnpackedMessage = Omit<StoredMessage, 'id' | 'source'> & {
  timestamp: number
  sequence: number
  publisher: string
  chain: string
  key: Uint8Array | undefined
}

export function* unpackMessages(packed: PackedMessages): Generator<UnpackedMessage> {
  let start = 0
  for (let at = 0; at < packed.count; at++) {
    const end = packed.rawEnds[at] ?? start
    const [verdict = 0, reason = 0, flags = 0] = packed.codes.subarray(at * 3, at * 3 + 3)
    yield {
      timestamp: packed.timestamps[at] ?? 0,
      sequence: packed.sequences[at] ?? 0,
      publisher: packed.publishers[at] ?? '',
      chain: packed.chains[at] ?? '',
      digest: packed.digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES),
      verdict: verdictOf(verdict),
      reason: verdictReasonOf(reason),
      equivocation: (flags & FLAG_EQUIVOCATION) !== 0,
      encrypted: (flags & FLAG_ENCRYPTED) !== 0,
      receivedAt: packed.receivedAts[at] ?? 0,
      raw: packed.raws.subarray(start, end),
      key: packed.keys[at],
    }
    start = end
  }
}
