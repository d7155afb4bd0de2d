import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { AuditBody } from '../../../shared/audit-report.ts'
import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import { useRangeProof } from '../../api/use-range-proof.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { downloadText } from '../../ui/download.ts'
import { ShortId } from '../../ui/short-id.tsx'
import { EmptyState } from '../../ui/state-views.tsx'
import classes from './audit.module.css'
import { contributionsCsv } from './contributions-csv.ts'

/** Rows that are drawn; the file has all of them. */
const MAX_ROWS = 500

/** What each publisher gave: verified messages, bytes, shares, and how steadily. */
export function Contributions({ part, body }: { part: string; body: AuditBody }) {
  const proof = useRangeProof(body.merkle.root)
  const { publishers } = body
  if (publishers.length === 0) {
    return (
      <EmptyState title="No contributions">
        No message of the range is verified, so nobody has contributed to it.
      </EmptyState>
    )
  }
  const columns: Column<AuditBody['publishers'][number]>[] = [
    {
      title: 'Publisher',
      kind: 'name',
      cell: ({ publisher }) => <ShortId id={publisher} what="publisher" head={12} tail={6} />,
    },
    { title: 'Messages', kind: 'number', cell: (row) => formatCount(row.messages) },
    { title: 'Share', kind: 'number', cell: (row) => `${(Number(row.messageShare) * 100).toFixed(2)} %` },
    { title: 'Size', kind: 'number', cell: (row) => formatSize(row.bytes) },
    {
      title: 'Up in intervals',
      kind: 'number',
      cell: (row) => `${formatCount(row.activeIntervals)} of ${formatCount(row.intervals)}`,
    },
    { title: 'Longest silence', kind: 'number', cell: (row) => formatDuration(row.longestSilenceMs) },
    { title: 'Missing', kind: 'number', cell: (row) => formatCount(row.gaps) },
    {
      title: 'Proof',
      kind: 'actions',
      cell: ({ publisher }) => (
        <Button
          variant="subtle"
          size="compact-xs"
          loading={proof.isPending && proof.variables.publisher === publisher}
          onClick={() => proof.mutate({ part, ...rangeOf(body), publisher })}
        >
          Export proof
        </Button>
      ),
    },
  ]
  return (
    <div className={classes.tableArea}>
      <div className={classes.tableHead}>
        <span>
          {publishers.length > MAX_ROWS
            ? `The first ${formatCount(MAX_ROWS)} of ${formatCount(publishers.length)}; the file has all.`
            : 'Verified messages, each id once.'}
        </span>
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconDownload size={14} />}
          onClick={() => downloadText('tidemark-contributions.csv', contributionsCsv(body), 'text/csv')}
        >
          CSV
        </Button>
      </div>
      <DataTable
        columns={columns}
        rows={publishers.slice(0, MAX_ROWS)}
        keyOf={({ publisher }) => publisher}
        label="Contributions"
        hasFrame
      />
    </div>
  )
}

function rangeOf({ range: { from, to } }: AuditBody): { from: number; to: number } {
  return { from, to }
}
