import { VERDICTS } from '../../../shared/verdict.ts'
import type { AppendResult } from '../ports.ts'
import type { BatchCounts } from './verifier-protocol.ts'

/** What became of messages: counted by the verifier, duplicates included, then by the store. */
export interface IngestResult extends BatchCounts {
  append: AppendResult
}

export function emptyCounts(): BatchCounts {
  return { verdicts: { verified: 0, pending: 0, unauthorised: 0, forged: 0 }, refused: 0, keyExchange: 0 }
}

export function addCounts(total: BatchCounts, counts: BatchCounts): void {
  for (const verdict of VERDICTS) total.verdicts[verdict] += counts.verdicts[verdict]
  total.refused += counts.refused
  total.keyExchange += counts.keyExchange
}

export function emptyAppendResult(): AppendResult {
  return { stored: 0, duplicates: 0, quarantined: 0, equivocations: 0, held: 0, declined: 0, parts: [] }
}

/** Adds what one append did to the sum of several; notices of one stream part stay one after another. */
export function addAppendResult(total: AppendResult, result: AppendResult): void {
  total.stored += result.stored
  total.duplicates += result.duplicates
  total.quarantined += result.quarantined
  total.equivocations += result.equivocations
  total.held += result.held
  total.declined += result.declined
  if (result.spooled !== undefined) total.spooled = (total.spooled ?? 0) + result.spooled
  total.parts.push(...result.parts)
}

export function mergeIngestResults(results: Iterable<IngestResult>): IngestResult {
  const total: IngestResult = { ...emptyCounts(), append: emptyAppendResult() }
  for (const result of results) {
    addCounts(total, result)
    addAppendResult(total.append, result.append)
  }
  return total
}
