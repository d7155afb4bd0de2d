import { FINDING_SENTENCES, FINDING_TITLES } from '../../shared/audit.ts'
import { AUDIT_REPORT_KIND, type AuditReport, type Finding } from '../../shared/audit-report.ts'
import type { Proof } from '../../shared/proof.ts'
import { count, element, table, utc } from './element.ts'

/** Rows of one table; the file has all of them. */
const MAX_ROWS = 1_000

/** What a file says, once it was found good. */
export function showContent(evidence: AuditReport | Proof): HTMLElement[] {
  return evidence.kind === AUDIT_REPORT_KIND ? showReport(evidence) : showProof(evidence)
}

function showReport({
  body,
  made,
  beside,
}: Pick<AuditReport, 'body' | 'made'> & Partial<AuditReport>): HTMLElement[] {
  const { totals } = body
  return [
    element('h2', 'Audited'),
    table(
      ['Stream', 'Range', 'Messages', 'Verified', 'Missing', 'Made'],
      [
        [
          `${body.stream.id}#${body.stream.partition}`,
          `${utc(body.range.from)} – ${utc(body.range.to)}`,
          count(totals.messages),
          count(totals.verdicts.verified),
          count(totals.gaps),
          `${utc(made.at)} by ${made.by}`,
        ],
      ],
    ),
    ...(beside === undefined || beside.peers.roots.length === 0 ? [] : showRoots(beside)),
    element('h2', 'Findings'),
    ...(body.findings.length === 0
      ? [element('p', 'Nothing was found against the messages.')]
      : body.findings.flatMap(showFinding)),
    element('h2', 'Contributions'),
    table(
      ['Publisher', 'Messages', 'Share', 'Bytes', 'Up in intervals', 'Longest silence, ms', 'Missing'],
      body.publishers
        .slice(0, MAX_ROWS)
        .map((row) => [
          row.publisher,
          count(row.messages),
          row.messageShare,
          count(row.bytes),
          `${count(row.activeIntervals)} of ${count(row.intervals)}`,
          count(row.longestSilenceMs),
          count(row.gaps),
        ]),
    ),
    element('h2', 'Chains of the publishers'),
    table(
      ['Publisher', 'Chain', 'From', 'To', 'Messages', 'Whole'],
      body.chains
        .slice(0, MAX_ROWS)
        .map((row) => [
          row.publisher,
          row.chain,
          utc(row.first.timestamp),
          utc(row.last.timestamp),
          count(row.messages),
          row.complete ? 'complete' : `${count(row.gaps)} missing, ${count(row.forks)} forks`,
        ]),
    ),
  ]
}

function showRoots({ peers }: AuditReport['beside']): HTMLElement[] {
  return [
    element('h2', 'Merkle roots of other nodes'),
    table(
      ['Node', 'Verified messages', 'Root, signed by the node'],
      peers.roots.map(({ by, leaves, root }) => [by, count(leaves), root]),
    ),
  ]
}

function showFinding(finding: Finding): HTMLElement[] {
  const { kind, publisher, examples } = finding
  const note = element('p', FINDING_SENTENCES[kind])
  note.className = 'note'
  return [
    element('h3', `${FINDING_TITLES[kind]}: ${count(finding.count)}, ${publisher ?? 'further publishers'}`),
    note,
    table(
      ['Time', 'Sequence', 'Digest', 'Detail'],
      examples.map(({ timestamp, sequence, digest, detail }) => [
        utc(timestamp),
        String(sequence),
        digest,
        Object.entries(detail)
          .map(([name, value]) => `${name}: ${value}`)
          .join(', '),
      ]),
    ),
  ]
}

function showProof({
  messages,
  range = null,
  storage = [],
}: Pick<Proof, 'messages'> & Partial<Proof>): HTMLElement[] {
  return [
    ...(range === null ? [] : showRange(range)),
    ...(storage.length === 0 ? [] : showRights(storage)),
    element('h2', 'Messages'),
    table(
      ['Number', 'Time', 'Sequence', 'Publisher', 'Digest', 'Stream'],
      messages
        .slice(0, MAX_ROWS)
        .map(({ id, digest, leaf }) => [
          typeof leaf === 'number' ? count(leaf + 1) : '',
          utc(id.timestamp),
          String(id.sequence),
          id.publisher,
          digest,
          `${id.streamId}#${id.partition}`,
        ]),
    ),
  ]
}

function showRange({ from, to, leaves, root }: NonNullable<Proof['range']>): HTMLElement[] {
  return [
    element('h2', 'Range'),
    table(['From', 'To', 'Verified messages', 'Merkle root'], [[utc(from), utc(to), count(leaves), root]]),
  ]
}

function showRights(storage: Proof['storage']): HTMLElement[] {
  return [
    element('h2', 'Rights from the chain’s state'),
    table(
      ['Publisher', 'Block', 'Time', 'Hash of the block, to be looked up'],
      storage.map(({ grantee, block, blockTimestamp, blockHash }) => [
        grantee,
        count(block),
        utc(blockTimestamp),
        blockHash,
      ]),
    ),
  ]
}
