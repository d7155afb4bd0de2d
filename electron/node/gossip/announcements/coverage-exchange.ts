import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_STREAM_ID_BYTES, MAX_TIMESTAMP_MS } from '../../message/limits.ts'
import { COVERAGE_TIMEOUT_MS, MAX_ANNOUNCEMENT_BYTES, MAX_COVERAGE_BUCKETS } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { gridFor } from '../reconcile/bucket-grid.ts'
import { BlockStream } from '../wire/block-stream.ts'
import { readFields, type Schema } from '../wire/field-reader.ts'
import { writeFields } from '../wire/field-writer.ts'
import { startPatientTimer } from '../wire/patient-timer.ts'
import { type Coverage, decodeCoverage, encodeCoverage } from './coverage.ts'

export const COVERAGE_PROTOCOL = '/tidemark/coverage/1.0.0'

const REQUEST = {
  part: { field: 1, kind: 'text', max: MAX_STREAM_ID_BYTES + 4 },
  from: { field: 2, kind: 'number', max: MAX_TIMESTAMP_MS },
  /** Exclusive; 0 asks for all there is. */
  to: { field: 3, kind: 'number', max: MAX_TIMESTAMP_MS + 1 },
} as const satisfies Schema

export interface CoverageRequest {
  readonly part: StreamPartId
  /** The range `from <= timestamp < to` (ms), or all the peer holds. */
  readonly range: { readonly from: number; readonly to: number } | undefined
}

/** Asks a peer what it holds of a range, in the grid that the range has. @throws {PeerFault} */
export async function askCoverage(
  stream: PeerStream,
  request: CoverageRequest,
  signal: AbortSignal,
): Promise<Coverage> {
  const late = new AbortController()
  const deadline = AbortSignal.any([signal, late.signal])
  const endDeadline = startPatientTimer(COVERAGE_TIMEOUT_MS, () => late.abort())
  const blocks = new BlockStream(stream, MAX_ANNOUNCEMENT_BYTES)
  const { part, range } = request
  try {
    await blocks.write(writeFields(REQUEST, { part, from: range?.from ?? 0, to: range?.to ?? 0 }), deadline)
    const answer = await blocks.read(deadline)
    if (answer === undefined) throw new PeerFault('refused', 'The peer does not say what it covers.')
    const coverage = decodeCoverage(answer)
    assertAnswers(coverage, request)
    await stream.close()
    return coverage
  } catch (error) {
    signal.throwIfAborted()
    stream.abort(error instanceof Error ? error : new Error(String(error)))
    if (error instanceof PeerFault) throw error
    const code = late.signal.aborted ? 'late' : 'died'
    throw new PeerFault(code, 'The peer did not say what it covers.', { cause: error })
  } finally {
    endDeadline()
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
    const { part, from, to } = readFields(request, REQUEST)
    if (from >= to && to > 0) {
      throw new PeerFault('malformed', 'The peer asks for a range that ends before it begins.')
    }
    const coverage = await coverageOf({ part, range: to === 0 ? undefined : { from, to } })
    if (coverage !== undefined) await blocks.write(encodeCoverage(coverage), deadline)
  }
  await stream.close()
}

function assertAnswers({ part, grid }: Coverage, request: CoverageRequest): void {
  if (part !== request.part) throw new PeerFault('foreign', 'The peer answered for another stream part.')
  if (request.range === undefined) return
  const asked = gridFor(request.range.from, request.range.to, MAX_COVERAGE_BUCKETS)
  const isAsked =
    grid.start === asked.start && grid.widthMs === asked.widthMs && grid.buckets === asked.buckets
  if (!isAsked) throw new PeerFault('foreign', 'The peer answered for another range.')
}
