import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AuditView } from '../../../shared/audit.ts'
import type { AuditBeside, AuditOutcome } from '../../../shared/audit-report.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { STORAGE_ABSENCES } from '../../../shared/storage-proof.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './audit.module.css'
import { AuditHead } from './audit-head.tsx'
import { AuditProgress } from './audit-progress.tsx'
import { Chains } from './chains.tsx'
import { Contributions } from './contributions.tsx'
import { Findings } from './findings.tsx'

type Tab = 'findings' | 'contributions' | 'chains'

/** One audit: how far it is, or what it found. */
export function AuditSheet({ audit }: { audit: AuditView }) {
  return (
    <section className={classes.sheet} aria-label="Audit">
      <AuditHead audit={audit} />
      {audit.status === 'finished' ? <Outcome audit={audit} /> : <AuditProgress audit={audit} />}
    </section>
  )
}

function Outcome({ audit }: { audit: AuditView }) {
  const trpc = useTRPC()
  const outcome = useQuery(
    trpc.audit.outcome.queryOptions({ id: audit.id }, { staleTime: Number.POSITIVE_INFINITY }),
  )
  const [tab, setTab] = useState<Tab>('findings')
  if (outcome.data === undefined) {
    return outcome.error ? (
      <ErrorState
        title="The report could not be read"
        error={errorViewOf(outcome.error)}
        onRetry={() => void outcome.refetch()}
      />
    ) : (
      <LoadingState what="the report" />
    )
  }
  const { body } = outcome.data
  return (
    <>
      <Totals outcome={outcome.data} />
      <SegmentedControl
        className={classes.tabs ?? ''}
        size="xs"
        aria-label="Part of the report"
        value={tab}
        onChange={(value) => setTab(value as Tab)}
        data={[
          { value: 'findings', label: `Findings ${formatCount(body.findings.length)}` },
          { value: 'contributions', label: `Contributions ${formatCount(body.publishers.length)}` },
          { value: 'chains', label: `Chains ${formatCount(body.chains.length)}` },
        ]}
      />
      {tab === 'findings' ? <Findings part={audit.part} findings={body.findings} /> : null}
      {tab === 'contributions' ? <Contributions part={audit.part} body={body} /> : null}
      {tab === 'chains' ? <Chains body={body} /> : null}
    </>
  )
}

/** Who else computed the root, and whether rights were checked against the chain's state. */
function peerWords({ merkle }: AuditOutcome['body'], { peers, storage, storageAbsent }: AuditBeside): string {
  const same = peers.roots.filter(
    ({ root, leaves }) => root === merkle.root && leaves === merkle.leaves,
  ).length
  const others = peers.roots.length - same
  const roots =
    peers.asked === 0
      ? 'No other node could be asked for its root.'
      : `${formatCount(same)} of ${formatCount(peers.asked)} nodes asked have the same root and signed it${others > 0 ? `; ${formatCount(others)} have another` : ''}.`
  const rights =
    storage.length > 0
      ? ` ${formatCount(storage.length)} right${storage.length === 1 ? '' : 's'} checked against the chain’s state.`
      : storageAbsent === null
        ? ''
        : ` ${STORAGE_ABSENCES[storageAbsent]}`
  return roots + rights
}

function Totals({ outcome: { body, made, beside } }: { outcome: AuditOutcome }) {
  const { totals, merkle } = body
  const facts: [string, string][] = [
    ['Messages checked', formatCount(totals.messages)],
    ['Verified', formatCount(totals.verdicts.verified)],
    ['Missing', formatCount(totals.gaps)],
    ['Publishers', formatCount(body.publishers.length)],
  ]
  return (
    <dl className={classes.totals}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div className={classes.root}>
        <dt>Merkle root of the verified</dt>
        <dd title="Whoever holds the same messages computes the same root">{merkle.root}</dd>
        {beside === null ? null : <dd className={classes.peers}>{peerWords(body, beside)}</dd>}
      </div>
      {made.arrivedMeanwhile > 0 ? (
        <div className={classes.note} role="note">
          {formatCount(made.arrivedMeanwhile)} messages came into the range while it was being read. A new
          audit would see them.
        </div>
      ) : null}
    </dl>
  )
}
