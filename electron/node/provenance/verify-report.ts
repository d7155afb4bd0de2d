import type { z } from 'zod'
import { FINDING_TITLES } from '../../../shared/audit.ts'
import {
  AUDIT_REPORT_KIND,
  AUDIT_REPORT_VERSION,
  type AuditBeside,
  type AuditBody,
  type AuditReport,
  type AuditReportV1,
  auditReportSchema,
  auditReportSchemaV1,
  type Finding,
  type FindingExample,
  MAX_REPORT_BYTES,
  reportStatement,
} from '../../../shared/audit-report.ts'
import type { EvidenceVerdict } from '../../../shared/evidence.ts'
import { reportBodyDigest } from './audit/report-digest.ts'
import { shareOf } from './audit/share.ts'
import { besideStatements, findWrongBeside } from './check-beside.ts'
import { checkExample } from './check-example.ts'
import { ethereumMessageHash } from './keccak256.ts'
import {
  type EvidenceForm,
  type EvidenceText,
  notGood,
  parseEvidence,
  readEvidence,
} from './read-evidence.ts'
import { isHighS, recoverAddress } from './secp256k1-signature.ts'

export const REPORT_FORM: EvidenceForm = {
  kind: AUDIT_REPORT_KIND,
  name: 'audit report',
  maxBytes: MAX_REPORT_BYTES,
  schemas: { 1: auditReportSchemaV1, [AUDIT_REPORT_VERSION]: auditReportSchema },
}

/**
 * Checks an audit report with no node and no network: the node's signature over it, that its numbers agree with
 * each other, and that the messages it carries as evidence show what it says. Never throws for what the file holds.
 */
export function verifyReportFile(bytes: Uint8Array): EvidenceVerdict {
  const read = readEvidence(bytes, [REPORT_FORM])
  return 'outcome' in read ? read : verifyReportText(read.text)
}

export function verifyReportText(text: EvidenceText): EvidenceVerdict {
  const schema: z.ZodType<Report> = text.version === 1 ? auditReportSchemaV1 : auditReportSchema
  const parsed = parseEvidence(text, schema, REPORT_FORM.name)
  if ('outcome' in parsed) return parsed
  const report = parsed.value
  const problem = findProblem(report)
  if (problem !== undefined) return notGood(problem)
  return { outcome: 'good', sentence: summary(report), statements: statements(report) }
}

function findProblem(report: Report): string | undefined {
  if (reportBodyDigest(report.body) !== report.bodyDigest) {
    return 'The file was altered: its content does not have the digest that it states.'
  }
  return (
    findWrongSignature(report) ??
    findContradiction(report.body) ??
    findWrongEvidence(report.body) ??
    findWrongBeside(report.body, besideOf(report))
  )
}

type Report = AuditReport | AuditReportV1

function besideOf(report: Report): AuditBeside | null {
  return 'beside' in report ? report.beside : null
}

function findWrongSignature(report: Report): string | undefined {
  const signature = Buffer.from(report.signature, 'hex')
  const hash = ethereumMessageHash(Buffer.from(reportStatement(report), 'utf8'))
  if (recoverAddress(hash, signature) !== report.made.by || isHighS(signature)) {
    return `The report is not signed by the node ${report.made.by}, which it names as its maker.`
  }
  return undefined
}

/** Numbers that follow from others in the report must do so. */
function findContradiction({
  range,
  totals,
  merkle,
  publishers,
  publishersLeftOut,
  findings,
}: AuditBody): string | undefined {
  const contradicts = (what: string) => `The report contradicts itself about ${what}.`
  const { verified, pending, unauthorised, forged } = totals.verdicts
  if (range.from > range.to) return contradicts('its range')
  if (verified + pending + unauthorised + forged !== totals.messages)
    return contradicts('the number of messages')
  if (merkle.leaves !== verified) return contradicts('the messages under its root')
  const messages = publishers.reduce((sum, row) => sum + row.messages, 0)
  const bytes = publishers.reduce((sum, row) => sum + row.bytes, 0)
  if (messages + publishersLeftOut > verified) return contradicts('the messages of its publishers')
  for (const row of publishers) {
    const agrees =
      row.messageShare === shareOf(row.messages, messages) && row.byteShare === shareOf(row.bytes, bytes)
    if (!agrees) return contradicts(`the share of ${row.publisher}`)
    if (row.activeIntervals > row.intervals) return contradicts(`the uptime of ${row.publisher}`)
  }
  for (const [kind, count] of countsThatFollow(totals)) {
    if (sumOf(findings, kind) !== count) return contradicts(`findings: ${FINDING_TITLES[kind].toLowerCase()}`)
  }
  return undefined
}

function countsThatFollow(totals: AuditBody['totals']): [Finding['kind'], number][] {
  return [
    ['forged', totals.verdicts.forged],
    ['unauthorised', totals.verdicts.unauthorised],
    ['equivocation', totals.equivocations],
    ['gap', totals.gaps],
  ]
}

function sumOf(findings: readonly Finding[], kind: Finding['kind']): number {
  return findings.reduce((sum, finding) => sum + (finding.kind === kind ? finding.count : 0), 0)
}

function findWrongEvidence({ stream, findings }: AuditBody): string | undefined {
  for (const finding of findings) {
    for (const example of finding.examples) {
      const problem = checkExample(finding, example, stream)
      if (problem !== undefined)
        return `${FINDING_TITLES[finding.kind]}, ${utc(example.timestamp)}: ${problem}`
    }
  }
  return undefined
}

function summary({ body }: Report): string {
  const { stream, range, totals, findings } = body
  const found =
    findings.length === 0 ? 'nothing against them' : `${findings.length.toLocaleString('en')} findings`
  return `An audit of ${totals.messages.toLocaleString('en')} messages of ${stream.id}#${stream.partition} from ${utc(range.from)} to ${utc(range.to)} found ${found}.`
}

function statements(report: Report): string[] {
  const { body, made } = report
  const shown = body.findings.flatMap(({ examples }) => examples)
  const carried = shown.filter(({ raw }: FindingExample) => raw !== null).length
  const { merkle, network } = body
  return [
    `Computed here: the report is signed by the node ${made.by}, and its numbers agree with each other.`,
    `Computed here from raw bytes: ids, digests and signatures of ${carried.toLocaleString('en')} messages that the report carries as evidence.`,
    `Merkle root over the ${merkle.leaves.toLocaleString('en')} verified messages: ${merkle.root}. Whoever holds the same messages can compute it again.`,
    ...besideStatements(body, besideOf(report)),
    `On the word of that node: that these are all messages it holds of the range, when each was first seen, and the registry events of chain ${network.chainId}.`,
    ...(made.arrivedMeanwhile === 0
      ? []
      : [
          `${made.arrivedMeanwhile.toLocaleString('en')} messages came into the range while it was being read and may not be in the report.`,
        ]),
  ]
}

function utc(timestampMs: number): string {
  return new Date(timestampMs).toISOString()
}
