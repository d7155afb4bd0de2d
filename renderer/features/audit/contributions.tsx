import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { AuditBody } from '../../../shared/audit-report.ts'
import { formatCount, formatDuration, formatSize } from '../../../shared/format/quantity.ts'
import { useRangeProof } from '../../api/use-range-proof.ts'
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
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Publisher</th>
            <th scope="col">Messages</th>
            <th scope="col">Share</th>
            <th scope="col">Size</th>
            <th scope="col">Up in intervals</th>
            <th scope="col">Longest silence</th>
            <th scope="col">Missing</th>
            <th scope="col">Proof</th>
          </tr>
        </thead>
        <tbody>
          {publishers.slice(0, MAX_ROWS).map((row) => (
            <tr key={row.publisher}>
              <th scope="row">
                <ShortId id={row.publisher} what="publisher" head={12} tail={6} />
              </th>
              <td>{formatCount(row.messages)}</td>
              <td>{(Number(row.messageShare) * 100).toFixed(2)} %</td>
              <td>{formatSize(row.bytes)}</td>
              <td>
                {formatCount(row.activeIntervals)} of {formatCount(row.intervals)}
              </td>
              <td>{formatDuration(row.longestSilenceMs)}</td>
              <td>{formatCount(row.gaps)}</td>
              <td>
                <Button
                  variant="subtle"
                  size="compact-xs"
                  loading={proof.isPending && proof.variables.publisher === row.publisher}
                  onClick={() => proof.mutate({ part, ...rangeOf(body), publisher: row.publisher })}
                >
                  Export
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function rangeOf({ range: { from, to } }: AuditBody): { from: number; to: number } {
  return { from, to }
}
