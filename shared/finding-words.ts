import type { FindingKind } from './audit.ts'
import type { FindingExample } from './audit-report.ts'
import { formatDuration } from './format/quantity.ts'
import { VERDICT_REASON_SENTENCES, VERDICT_REASONS } from './verdict.ts'

/**
 * What is particular about one message of a finding, in words; the same on screen, in the page that checks a report, and
 * in print.
 * @param time how a moment is written, ms since the epoch
 */
export function findingWords(
  kind: FindingKind,
  { detail }: Pick<FindingExample, 'detail'>,
  time: (timestampMs: number) => string,
): string {
  switch (kind) {
    case 'gap':
      return `names ${time(Number(detail.missingTimestamp))}, sequence ${Number(detail.missingSequence)}`
    case 'clock-ahead':
      return `${formatDuration(Number(detail.aheadMs))} ahead of when it was first seen`
    case 'clock-behind':
      return `${formatDuration(Number(detail.behindMs))} behind when it was first seen`
    case 'equivocation':
      return `the other content is ${String(detail.other).slice(0, 12)}…`
    case 'forged':
      return detail.signer === undefined ? reasonWords(detail.reason) : `signed by ${String(detail.signer)}`
    case 'unauthorised':
    case 'undecided':
      return reasonWords(detail.reason)
    case 'verdict-changed':
      return `stored as ${String(detail.storedVerdict)}, now ${String(detail.verdict)}`
    case 'chain-fork':
      return detail.namesNone === true
        ? 'names no predecessor'
        : `names ${time(Number(detail.previousTimestamp))} again`
    case 'store-damaged':
      return detail.readable === true ? 'id or digest differ' : 'the bytes are no message'
    case 'schema-violation':
      return String(detail.problem ?? '')
  }
}

function reasonWords(reason: unknown): string {
  const known = VERDICT_REASONS.find((candidate) => candidate === reason)
  return known === undefined ? '' : VERDICT_REASON_SENTENCES[known]
}
