import type { AuditView, FindingKind } from '../../../shared/audit.ts'
import type { FindingExample } from '../../../shared/audit-report.ts'
import { formatDuration } from '../../../shared/format/quantity.ts'
import { formatTimestamp, type TimeZone } from '../../../shared/format/time.ts'
import { VERDICT_REASON_SENTENCES, VERDICT_REASONS } from '../../../shared/verdict.ts'

export function countFindings(findings: AuditView['findings']): number {
  return Object.values(findings).reduce((sum, count) => sum + count, 0)
}

export function statusWords({ status, checked, expected }: AuditView): string {
  switch (status) {
    case 'running':
      return expected === 0 ? 'Running' : `${percent(checked, expected)} %`
    case 'paused':
      return 'Paused'
    case 'failed':
      return 'Failed'
    case 'finished':
      return 'Done'
  }
}

/** The range may have grown since it was counted. */
export function percent(checked: number, expected: number): number {
  return expected === 0 ? 0 : Math.min(99, Math.floor((checked / expected) * 100))
}

/** What is particular about one message of a finding, in words. */
export function detailWords(kind: FindingKind, { detail }: FindingExample, zone: TimeZone): string {
  const time = (value: unknown) => formatTimestamp(Number(value), zone)
  switch (kind) {
    case 'gap':
      return `names ${time(detail.missingTimestamp)}, sequence ${Number(detail.missingSequence)}`
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
        : `names ${time(detail.previousTimestamp)} again`
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
