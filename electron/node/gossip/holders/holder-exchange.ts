import type { MessageId } from '../../../../shared/message.ts'
import { parseStreamPartId, streamPartId } from '../../../../shared/message.ts'
import { contentDigest, DIGEST_BYTES } from '../../message/content-digest.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import {
  MAX_CHAIN_ID_BYTES,
  MAX_MESSAGE_BYTES,
  MAX_PUBLISHER_ID_BYTES,
  MAX_SEQUENCE,
  MAX_STREAM_ID_BYTES,
  MAX_TIMESTAMP_MS,
} from '../../message/limits.ts'
import { MessageRefused } from '../../message/message-refused.ts'
import { HOLDER_TIMEOUT_MS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { BlockStream } from '../wire/block-stream.ts'
import { readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'
import { startPatientTimer } from '../wire/patient-timer.ts'

export const HOLDER_PROTOCOL = '/tidemark/holders/1.0.0'

const QUESTION = {
  part: { field: 1, kind: 'text', max: MAX_STREAM_ID_BYTES + 4 },
  timestamp: { field: 2, kind: 'number', max: MAX_TIMESTAMP_MS },
  sequence: { field: 3, kind: 'number', max: MAX_SEQUENCE },
  publisher: { field: 4, kind: 'text', max: 2 * MAX_PUBLISHER_ID_BYTES + 2 },
  chain: { field: 5, kind: 'text', max: MAX_CHAIN_ID_BYTES },
  digest: { field: 6, kind: 'bytes', max: DIGEST_BYTES },
} as const satisfies Schema

/** One message as its publisher signed it. */
export interface HeldMessage {
  readonly id: MessageId
  readonly digest: Uint8Array
}

/**
 * Asks a peer for one message. The answer is the message itself and not a word about it: what has the digest was
 * held, and nobody can claim what he does not have.
 * @returns the raw bytes, or null when the peer does not hold it
 * @throws {PeerFault} `late`, `died`, or `foreign` for bytes that are another message
 */
export async function askForMessage(
  stream: PeerStream,
  { id, digest }: HeldMessage,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const late = new AbortController()
  const deadline = AbortSignal.any([signal, late.signal])
  const endDeadline = startPatientTimer(HOLDER_TIMEOUT_MS, () => late.abort())
  const blocks = new BlockStream(stream, MAX_MESSAGE_BYTES)
  try {
    const { streamId, partition, timestamp, sequence, publisher, chain } = id
    const part = streamPartId(streamId, partition)
    await blocks.write(
      writeFields(QUESTION, { part, timestamp, sequence, publisher, chain, digest }),
      deadline,
    )
    const raw = await blocks.read(deadline)
    if (raw === undefined) throw new PeerFault('refused', 'The peer does not answer for this stream part.')
    await stream.close()
    if (raw.length === 0) return null
    assertIs(raw, digest)
    return raw
  } catch (error) {
    signal.throwIfAborted()
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    if (error instanceof PeerFault) throw error
    const code = late.signal.aborted ? 'late' : 'died'
    throw new PeerFault(code, 'The peer did not say whether it holds the message.', { cause: error })
  } finally {
    endDeadline()
  }
}

/**
 * Answers one such question: the raw bytes, an empty block for what is not held, and nothing for parts this node does
 * not answer for.
 * @param find `undefined` for such parts, null for messages that are not held
 * @throws {PeerFault}
 */
export async function answerHolder(
  stream: PeerStream,
  find: (message: HeldMessage) => Promise<Uint8Array | null | undefined>,
): Promise<void> {
  const deadline = AbortSignal.timeout(HOLDER_TIMEOUT_MS)
  const blocks = new BlockStream(stream, MAX_MESSAGE_BYTES)
  const question = await blocks.read(deadline)
  if (question !== undefined) {
    const { part, digest, ...rest } = readFields(question, QUESTION)
    const raw = await find({ id: { ...partOf(part), ...rest }, digest })
    if (raw !== undefined) await blocks.write(raw ?? new Uint8Array(0), deadline)
  }
  await stream.close()
}

function partOf(part: string): Pick<MessageId, 'streamId' | 'partition'> {
  try {
    return parseStreamPartId(part)
  } catch (cause) {
    throw new PeerFault('malformed', 'The peer asks about a part that is none.', { cause })
  }
}

function assertIs(raw: Uint8Array, digest: Uint8Array): void {
  try {
    const decoded = decodeStreamMessage(raw)
    if (Buffer.compare(contentDigest(decoded), digest) === 0) return
  } catch (error) {
    if (!(error instanceof MessageRefused)) throw error
  }
  throw new PeerFault('foreign', 'The peer answered with another message than the one asked for.')
}
