import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_STREAM_ID_BYTES, MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import { COVERAGE_TIMEOUT_MS, MAX_ANNOUNCEMENT_BYTES } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { BlockStream } from '../wire/block-stream.ts'
import { readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'
import { type Coverage, decodeCoverage, encodeCoverage } from './coverage.ts'

export const COVERAGE_PROTOCOL = '/tidemark/coverage/1.0.0'

const REQUEST = {
  part: { field: 1, kind: 'text', max: MAX_STREAM_ID_BYTES + 4 },
  from: { field: 2, kind: 'number', max: MAX_TIMESTAMP_MS },
  /** Exclusive. */
  to: { field: 3, kind: 'number', max: MAX_TIMESTAMP_MS + 1 },
} as const satisfies Schema

export interface CoverageRequest {
  readonly part: StreamPartId
  readonly from: number
  readonly to: number
}

/** Asks a peer what it holds of a range. @throws {PeerFault} */
export async function askCoverage(
  stream: PeerStream,
  request: CoverageRequest,
  signal: AbortSignal,
): Promise<Coverage> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(COVERAGE_TIMEOUT_MS)])
  const blocks = new BlockStream(stream, MAX_ANNOUNCEMENT_BYTES)
  try {
    await blocks.write(writeFields(REQUEST, request), deadline)
    const answer = await blocks.read(deadline)
    if (answer === undefined) throw new PeerFault('refused', 'The peer does not say what it covers.')
    const coverage = decodeCoverage(answer)
    if (coverage.part !== request.part)
      throw new PeerFault('foreign', 'The peer answered for another stream part.')
    await stream.close()
    return coverage
  } catch (error) {
    signal.throwIfAborted()
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    if (error instanceof PeerFault) throw error
    throw new PeerFault(deadline.aborted ? 'late' : 'died', 'The peer did not say what it covers.', {
      cause: error,
    })
  }
}

/**
 * Answers one such question. @param coverageOf `undefined` for parts this node does not answer for.
 * @throws {PeerFault}
 */
export async function answerCoverage(
  stream: PeerStream,
  coverageOf: (request: CoverageRequest) => Promise<Coverage | undefined>,
): Promise<void> {
  const deadline = AbortSignal.timeout(COVERAGE_TIMEOUT_MS)
  const blocks = new BlockStream(stream, MAX_ANNOUNCEMENT_BYTES)
  const request = await blocks.read(deadline)
  if (request !== undefined) {
    const fields = readFields(request, REQUEST)
    if (fields.from >= fields.to)
      throw new PeerFault('malformed', 'The peer asks for a range that ends before it begins.')
    const coverage = await coverageOf(fields)
    if (coverage !== undefined) await blocks.write(encodeCoverage(coverage), deadline)
  }
  await stream.close()
}
