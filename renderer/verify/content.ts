import { FINDING_SENTENCES, FINDING_TITLES } from '../../shared/audit.ts'
import { AUDIT_REPORT_KIND, type AuditReport, type Finding } from '../../shared/audit-report.ts'
import { findingWords } from '../../shared/finding-words.ts'
import { formatDuration } from '../../shared/format/quantity.ts'
import type { Proof } from '../../shared/proof.ts'
import { VERDICTS } from '../../shared/verdict.ts'
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
    facts([
      ['Stream', `${body.stream.id}#${body.stream.partition}`, 'code'],
      ['Range', `${utc(body.range.from)} – ${utc(body.range.to)}`],
      ['Messages', `${count(totals.messages)}, ${count(totals.bytes)} bytes`],
      ['Verdicts', VERDICTS.map((verdict) => `${count(totals.verdicts[verdict])} ${verdict}`).join(', ')],
      ['Missing', `${count(totals.gaps)} named and never shown`],
      ['Merkle root', body.merkle.root, 'code'],
      ['Made', `${utc(made.at)} by ${made.by}`, 'code'],
    ]),
    ...(beside === undefined || beside.peers.roots.length === 0 ? [] : showRoots(beside)),
    element('h2', 'Findings'),
    ...(body.findings.length === 0
      ? [element('p', 'Nothing was found against the messages.')]
      : body.findings.flatMap(showFinding)),
    element('h2', 'Contributions'),
    table(
      'Contributions',
      [
        ['Publisher', 'code'],
        ['Messages', 'number'],
        ['Share', 'number'],
        ['Bytes', 'number'],
        ['Up in intervals', 'number'],
        ['Longest silence', 'number'],
        ['Missing', 'number'],
      ],
      body.publishers
        .slice(0, MAX_ROWS)
        .map((row) => [
          row.publisher,
          count(row.messages),
          `${(Number(row.messageShare) * 100).toFixed(2)} %`,
          count(row.bytes),
          `${count(row.activeIntervals)} of ${count(row.intervals)}`,
          formatDuration(row.longestSilenceMs),
          count(row.gaps),
        ]),
    ),
    element('h2', 'Chains of the publishers'),
    table(
      'Chains',
      [
        ['Publisher', 'code'],
        ['Chain', 'code'],
        ['From', 'time'],
        ['To', 'time'],
        ['Messages', 'number'],
        ['Whole', 'word'],
      ],
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
      'Roots',
      [
        ['Node', 'code'],
        ['Verified messages', 'number'],
        ['Root, signed by the node', 'code'],
      ],
      peers.roots.map(({ by, leaves, root }) => [by, count(leaves), root]),
    ),
  ]
}

function showFinding(finding: Finding): HTMLElement[] {
  const { kind, publisher, examples } = finding
  const note = element('p', FINDING_SENTENCES[kind])
  note.className = 'note'
  const who = element('span', publisher ?? 'further publishers')
  who.className = 'who'
  const head = element('h3', `${FINDING_TITLES[kind]}: ${count(finding.count)}`, who)
  head.dataset.finding = kind
  const rest = finding.count - examples.length
  return [
    head,
    note,
    table(
      `${FINDING_TITLES[kind]}: ${publisher ?? 'further publishers'}`,
      [
        ['Time', 'time'],
        ['Sequence', 'number'],
        ['Digest', 'code'],
        ['What', 'text'],
      ],
      examples.map((example) => [
        utc(example.timestamp),
        String(example.sequence),
        example.digest,
        findingWords(kind, example, utc),
      ]),
    ),
    ...(rest > 0 ? [element('p', `${count(rest)} more are counted, and not in the file.`)] : []),
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
      'Messages',
      [
        ['Number', 'number'],
        ['Time', 'time'],
        ['Sequence', 'number'],
        ['Publisher', 'code'],
        ['Digest', 'code'],
        ['Stream', 'code'],
      ],
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
    facts([
      ['Range', `${utc(from)} – ${utc(to)}`],
      ['Verified messages', count(leaves)],
      ['Merkle root', root, 'code'],
    ]),
  ]
}

function showRights(storage: Proof['storage']): HTMLElement[] {
  return [
    element('h2', 'Rights from the chain’s state'),
    table(
      'Rights',
      [
        ['Publisher', 'code'],
        ['Block', 'number'],
        ['Time', 'time'],
        ['Hash of the block, to be looked up', 'code'],
      ],
      storage.map(({ grantee, block, blockTimestamp, blockHash }) => [
        grantee,
        count(block),
        utc(blockTimestamp),
        blockHash,
      ]),
    ),
  ]
}

/** Names and values, one a line. */
function facts(lines: readonly (readonly [name: string, value: string, kind?: 'code'])[]): HTMLElement {
  return element(
    'dl',
    ...lines.flatMap(([name, value, kind]) => {
      const said = element('dd', value)
      said.dataset.kind = kind ?? 'text'
      return [element('dt', name), said]
    }),
  )
}
