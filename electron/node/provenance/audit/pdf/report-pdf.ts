import { PDFDocument, rgb } from 'pdf-lib'
import { FINDING_SENTENCES, FINDING_TITLES, type FindingKind } from '../../../../../shared/audit.ts'
import {
  type AuditReport,
  type AuditReportV1,
  auditReportSchema,
  auditReportSchemaV1,
  type Finding,
  type PublisherRight,
} from '../../../../../shared/audit-report.ts'
import { findingWords } from '../../../../../shared/finding-words.ts'
import { verifyReportFile } from '../../verify-report.ts'
import { MUTED, Sheet } from './sheet.ts'

/** Rows of one table, and messages of one finding, that are printed; the signed report inside has all. */
const MAX_ROWS = 500
const MAX_EXAMPLES = 5

/** Titles beyond this many characters are set smaller, so that they stand on one line. */
const LONG_TITLE = 48

/** Colours of verdicts on white, as in the portal's light theme. */
const COLOURS: Partial<Record<FindingKind, ReturnType<typeof rgb>>> = {
  equivocation: rgb(0.486, 0.227, 0.769),
  forged: rgb(0.761, 0.165, 0.145),
  'store-damaged': rgb(0.761, 0.165, 0.145),
  unauthorised: rgb(0.604, 0.392, 0),
}

/**
 * A signed report to print, with the report itself inside as an attachment, so that it can be checked. The same report
 * gives the same bytes.
 * @param text the signed report as JSON
 */
export async function reportPdf(text: string): Promise<Uint8Array> {
  const report = auditReportSchema.or(auditReportSchemaV1).parse(JSON.parse(text))
  const { body, bodyDigest, made } = report
  const document = await PDFDocument.create({ updateMetadata: false })
  const at = new Date(made.at)
  const title = `Audit of ${body.stream.id}#${body.stream.partition}`
  document.setTitle(title.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200))
  document.setProducer('Tidemark')
  document.setCreator('Tidemark')
  document.setCreationDate(at)
  document.setModificationDate(at)
  const sheet = await Sheet.on(document)
  sheet.text('Tidemark audit report', { size: 9, colour: MUTED })
  const part = `${body.stream.id}#${body.stream.partition}`
  sheet.heading(part, part.length > LONG_TITLE ? 11 : 16)
  printTotals(sheet, report)
  printStanding(sheet, text)
  printFindings(sheet, body.findings)
  printContributions(sheet, report)
  printChains(sheet, report)
  if (sheet.leftOut > 0) sheet.text('The rest is in the signed report.')
  sheet.finish(`SHA-256 of the body: ${bodyDigest}`)
  await document.attach(Buffer.from(text, 'utf8'), 'report.json', {
    mimeType: 'application/json',
    description: 'The signed report, for tidemark verify',
    creationDate: at,
    modificationDate: at,
  })
  return document.save({ useObjectStreams: false, addDefaultPage: false })
}

type Report = AuditReport | AuditReportV1

function printTotals(sheet: Sheet, { body, made }: Report): void {
  const { totals, merkle, range, network } = body
  const { verdicts } = totals
  sheet.facts([
    ['Range', `${utc(range.from)} to ${utc(range.to)}`],
    ['Registry', `chain ${network.chainId}, ${network.streamRegistry}`],
    ['Messages checked', `${count(totals.messages)}, ${count(totals.bytes)} bytes`],
    [
      'Verdicts',
      `${count(verdicts.verified)} verified, ${count(verdicts.unauthorised)} unauthorised, ${count(verdicts.forged)} forged, ${count(verdicts.pending)} not decided`,
    ],
    ['Missing', `${count(totals.gaps)} named and never shown, ${count(totals.dropped)} removed by retention`],
    ['Merkle root', merkle.root, true],
    ['Made by', `${made.by}, ${utc(made.at)}, Tidemark ${made.with}`],
  ])
}

/** What a check of the report says of it: what was computed, and whose word the rest is. */
function printStanding(sheet: Sheet, text: string): void {
  const verdict = verifyReportFile(Buffer.from(text, 'utf8'))
  sheet.heading('What it rests on')
  if (verdict.outcome !== 'good') {
    sheet.text(verdict.sentence, { colour: COLOURS.forged ?? MUTED })
    return
  }
  for (const statement of verdict.statements) {
    sheet.text(statement)
    sheet.gap(3)
  }
  sheet.text(
    'The signed report is attached to this file as report.json; tidemark verify and verify.html check it.',
    {
      colour: MUTED,
    },
  )
}

function printFindings(sheet: Sheet, findings: readonly Finding[]): void {
  sheet.heading(findings.length === 0 ? 'Nothing was found against the messages' : 'Findings')
  for (const finding of findings.slice(0, MAX_ROWS)) {
    const { kind, publisher, examples } = finding
    sheet.gap(6)
    sheet.text(`${FINDING_TITLES[kind]}: ${count(finding.count)}`, {
      isBold: true,
      ...(COLOURS[kind] === undefined ? {} : { colour: COLOURS[kind] }),
    })
    sheet.text(publisher ?? 'further publishers', { isCode: true, size: 8 })
    sheet.text(
      `${FINDING_SENTENCES[kind]} Between ${utc(finding.firstTimestamp)} and ${utc(finding.lastTimestamp)}.`,
      { colour: MUTED },
    )
    for (const right of finding.rights) sheet.text(rightWords(right), { size: 8 })
    sheet.gap(3)
    sheet.table(
      [
        { title: 'Time', share: 24 },
        { title: 'Seq', share: 5, isNumber: true },
        { title: 'Digest', share: 31, isCode: true },
        { title: 'What', share: 40 },
      ],
      examples
        .slice(0, MAX_EXAMPLES)
        .map((example) => [
          utc(example.timestamp),
          String(example.sequence),
          `${example.digest.slice(0, 24)}...`,
          findingWords(kind, example, utc),
        ]),
    )
  }
}

function rightWords({ state, from, to, evidence }: PublisherRight): string {
  const span = `from ${utc(from)} until ${utc(to)}`
  if (evidence === null) return `Registry: ${state} ${span}.`
  return `Registry: ${state} ${span}, by block ${evidence.block} of ${utc(evidence.blockTimestamp)}, transaction ${evidence.transaction}.`
}

function printContributions(sheet: Sheet, { body: { publishers } }: Report): void {
  sheet.heading('Contributions')
  sheet.table(
    [
      { title: 'Publisher', share: 46, isCode: true },
      { title: 'Messages', share: 12, isNumber: true },
      { title: 'Share', share: 11, isNumber: true },
      { title: 'Bytes', share: 13, isNumber: true },
      { title: 'Up', share: 14, isNumber: true },
      { title: 'Missing', share: 10, isNumber: true },
    ],
    publishers
      .slice(0, MAX_ROWS)
      .map((row) => [
        row.publisher.length > 60 ? `${row.publisher.slice(0, 40)}...` : row.publisher,
        count(row.messages),
        `${(Number(row.messageShare) * 100).toFixed(2)} %`,
        count(row.bytes),
        `${count(row.activeIntervals)} / ${count(row.intervals)}`,
        count(row.gaps),
      ]),
  )
}

function printChains(sheet: Sheet, { body: { chains } }: Report): void {
  sheet.heading('Chains of the publishers')
  sheet.table(
    [
      { title: 'Publisher', share: 24, isCode: true },
      { title: 'From', share: 24 },
      { title: 'To', share: 24 },
      { title: 'Messages', share: 10, isNumber: true },
      { title: 'Whole', share: 18 },
    ],
    chains
      .slice(0, MAX_ROWS)
      .map((row) => [
        `${row.publisher.slice(0, 10)}...${row.publisher.slice(-6)}`,
        utc(row.first.timestamp),
        utc(row.last.timestamp),
        count(row.messages),
        row.complete ? 'complete' : `${count(row.gaps)} missing, ${count(row.forks)} forks`,
      ]),
  )
}

function count(value: number): string {
  return value.toLocaleString('en')
}

function utc(timestampMs: number): string {
  const date = new Date(timestampMs)
  return Number.isNaN(date.getTime()) ? '-' : date.toISOString().replace('T', ' ')
}
