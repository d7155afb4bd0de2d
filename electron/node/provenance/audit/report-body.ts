import type { AuditRequest } from '../../../../shared/audit.ts'
import {
  type AuditBody,
  type Finding,
  MAX_REPORT_CHAINS,
  type PublisherRow,
} from '../../../../shared/audit-report.ts'
import { parseStreamPartId } from '../../../../shared/message.ts'
import type { NetworkDescription } from '../../../../shared/node-status.ts'
import type { PermissionOracle } from '../../ports.ts'
import type { AuditFold } from './audit-fold.ts'
import { rightsOver } from './publisher-rights.ts'
import type { PublisherTally } from './publisher-table.ts'
import { shareOf } from './share.ts'

export interface ReportBodyParts {
  request: AuditRequest
  fold: AuditFold
  network: Pick<NetworkDescription, 'chainId' | 'contracts'>
  permissions: Pick<PermissionOracle, 'publishPermission'>
  dropped: number
  heldBack: number
  schema: AuditBody['schema']
}

/** What a finished fold says, in the form and order of a report: the same for the same messages and registry. */
export async function reportBody(parts: ReportBodyParts, signal: AbortSignal): Promise<AuditBody> {
  const { request, fold, network } = parts
  const { streamId, partition } = parseStreamPartId(request.part)
  const { totals } = fold
  const { verified, pending, unauthorised, forged } = totals.verdicts
  const chains = fold.chains.rows()
  return {
    stream: { id: streamId, partition },
    range: { from: request.from, to: request.to, intervalMs: request.intervalMs },
    network: { chainId: network.chainId, streamRegistry: network.contracts.streamRegistry.toLowerCase() },
    totals: {
      messages: totals.messages,
      bytes: totals.bytes,
      verdicts: { verified, pending, unauthorised, forged },
      equivocations: totals.equivocations,
      gaps: totals.gaps,
      dropped: parts.dropped,
      heldBack: parts.heldBack,
      firstTimestamp: totals.firstTimestamp,
      lastTimestamp: totals.lastTimestamp,
    },
    merkle: { leaves: fold.tree.leaves, root: Buffer.from(fold.tree.root()).toString('hex') },
    schema: parts.schema,
    publishers: await publisherRows(parts, streamId, signal),
    publishersLeftOut: fold.publishers.leftOut,
    chains: chains.slice(0, MAX_REPORT_CHAINS),
    chainsLeftOut: Math.max(0, chains.length - MAX_REPORT_CHAINS) + fold.chains.leftOut,
    findings: await withRights(parts, streamId, signal),
  }
}

async function publisherRows(
  { request, fold, permissions }: ReportBodyParts,
  streamId: string,
  signal: AbortSignal,
): Promise<PublisherRow[]> {
  const entries = fold.publishers.entries()
  const sum = (of: (tally: PublisherTally) => number) =>
    entries.reduce((total, [, tally]) => total + of(tally), 0)
  const messages = sum((tally) => tally.messages)
  const bytes = sum((tally) => tally.bytes)
  const chainsOf = countChains(fold)
  const rows: PublisherRow[] = []
  for (const [publisher, tally] of entries) {
    signal.throwIfAborted()
    const { firstTimestamp: first, lastTimestamp: last } = tally
    rows.push({
      publisher,
      messages: tally.messages,
      bytes: tally.bytes,
      messageShare: shareOf(tally.messages, messages),
      byteShare: shareOf(tally.bytes, bytes),
      firstTimestamp: first,
      lastTimestamp: last,
      activeIntervals: tally.activeIntervals,
      intervals: Math.floor((request.to - request.from) / request.intervalMs) + 1,
      longestSilenceMs: tally.longestSilenceMs,
      chains: chainsOf.get(publisher)?.chains ?? 0,
      gaps: chainsOf.get(publisher)?.gaps ?? 0,
      rights: await rightsOver(permissions, { streamId, publisher, first, last }),
    })
  }
  return rows
}

function countChains(fold: AuditFold): Map<string, { chains: number; gaps: number }> {
  const counts = new Map<string, { chains: number; gaps: number }>()
  for (const { publisher, gaps } of fold.chains.rows()) {
    const count = counts.get(publisher) ?? { chains: 0, gaps: 0 }
    counts.set(publisher, { chains: count.chains + 1, gaps: count.gaps + gaps })
  }
  return counts
}

async function withRights(
  { fold, permissions }: ReportBodyParts,
  streamId: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const finding of fold.findings.ranked()) {
    signal.throwIfAborted()
    const { kind, publisher, firstTimestamp: first, lastTimestamp: last } = finding
    const isAsked = kind === 'unauthorised' && publisher !== null
    const rights = isAsked ? await rightsOver(permissions, { streamId, publisher, first, last }) : []
    findings.push({ ...finding, rights })
  }
  return findings
}
