import { verifyMessage } from 'ethers'
import type { StreamPartId } from '../../../../shared/message.ts'
import { type RangeRoot, rangeRootStatement } from '../../../../shared/range-root.ts'
import { DIGEST_BYTES } from '../../message/content-digest.ts'
import { MAX_STREAM_ID_BYTES, MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import { MAX_ROOT_FRAME_BYTES, ROOT_TIMEOUT_MS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { BlockStream } from '../wire/block-stream.ts'
import { readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'
import { startPatientTimer } from '../wire/patient-timer.ts'

export const ROOT_PROTOCOL = '/tidemark/roots/1.0.0'

const QUESTION = {
  part: { field: 1, kind: 'text', max: MAX_STREAM_ID_BYTES + 4 },
  from: { field: 2, kind: 'number', max: MAX_TIMESTAMP_MS },
  to: { field: 3, kind: 'number', max: MAX_TIMESTAMP_MS },
} as const satisfies Schema

const ANSWER = {
  root: { field: 1, kind: 'bytes', max: DIGEST_BYTES },
  leaves: { field: 2, kind: 'number', max: Number.MAX_SAFE_INTEGER },
  /** r, s and v of the node's Streamr key over the statement. */
  signature: { field: 3, kind: 'bytes', max: 65 },
} as const satisfies Schema

export interface RootQuestion {
  part: StreamPartId
  from: number
  to: number
}

export interface SignedRoot extends RangeRoot {
  /** Hex of r, s and v. */
  signature: string
}

/**
 * Asks a peer for the root over what it holds of a range. What this node has is not told, so that nobody can say the
 * same without having computed it, or seen it elsewhere.
 * @returns null when the peer holds nothing of the range
 * @throws {PeerFault} `refused` where it does not answer for the part or has too much of it, `late`, `died`, `malformed`
 */
export async function askForRoot(
  stream: PeerStream,
  question: RootQuestion,
  address: string,
  signal: AbortSignal,
): Promise<SignedRoot | null> {
  const late = new AbortController()
  const deadline = AbortSignal.any([signal, late.signal])
  const endDeadline = startPatientTimer(ROOT_TIMEOUT_MS, () => late.abort())
  const blocks = new BlockStream(stream, MAX_ROOT_FRAME_BYTES)
  try {
    await blocks.write(writeFields(QUESTION, { ...question }), deadline)
    const answer = await blocks.read(deadline)
    if (answer === undefined) throw new PeerFault('refused', 'The peer computes no root of this range.')
    await stream.close()
    if (answer.length === 0) return null
    const { root, leaves, signature } = readFields(answer, ANSWER)
    const signed: SignedRoot = {
      ...question,
      leaves,
      root: Buffer.from(root).toString('hex'),
      signature: Buffer.from(signature).toString('hex'),
    }
    if (root.length !== DIGEST_BYTES || signerOf(signed) !== address) {
      throw new PeerFault('malformed', 'The peer did not sign the root it answered.')
    }
    return signed
  } catch (error) {
    signal.throwIfAborted()
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    if (error instanceof PeerFault) throw error
    const code = late.signal.aborted ? 'late' : 'died'
    throw new PeerFault(code, 'The peer did not say what root it has.', { cause: error })
  } finally {
    endDeadline()
  }
}

/** Answers one such question; `compute` gives undefined for what is not answered, null for an empty range. */
export async function answerRoot(
  stream: PeerStream,
  compute: (question: RootQuestion, signal: AbortSignal) => Promise<SignedRoot | null | undefined>,
): Promise<void> {
  const deadline = AbortSignal.timeout(ROOT_TIMEOUT_MS)
  const blocks = new BlockStream(stream, MAX_ROOT_FRAME_BYTES)
  const question = await blocks.read(deadline)
  if (question !== undefined) {
    const answer = await compute(readFields(question, QUESTION), deadline)
    if (answer === null) await blocks.write(new Uint8Array(0), deadline)
    else if (answer !== undefined) await blocks.write(toFrame(answer), deadline)
  }
  await stream.close()
}

function toFrame({ root, leaves, signature }: SignedRoot): Uint8Array {
  return writeFields(ANSWER, {
    root: Buffer.from(root, 'hex'),
    leaves,
    signature: Buffer.from(signature, 'hex'),
  })
}

function signerOf(signed: SignedRoot): string | undefined {
  try {
    return verifyMessage(rangeRootStatement(signed), `0x${signed.signature}`).toLowerCase()
  } catch {
    // No signature at all: nobody's.
    return undefined
  }
}
