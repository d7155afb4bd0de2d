import type { AuditBody, ChainRow } from '../../../shared/audit-report.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { EmptyState } from '../../ui/state-views.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './audit.module.css'

/** Rows that are drawn; the report has more. */
const MAX_ROWS = 500

const BEGIN_WORDS: Record<ChainRow['begins'], string> = {
  'first-message': 'its first message',
  'before-range': 'goes back before the range',
  'before-held': 'goes back before what is held here',
}

const COLUMNS: readonly Column<ChainRow>[] = [
  {
    title: 'Publisher',
    kind: 'name',
    cell: ({ publisher }) => <ShortId id={publisher} what="publisher" head={8} tail={4} />,
  },
  {
    title: 'Chain',
    cell: ({ chain }) => (
      <span className={classes.digest}>
        <bdi>{visibleText(chain).slice(0, 20)}</bdi>
      </span>
    ),
  },
  { title: 'Whole', cell: (row) => (row.complete ? 'Complete' : faultWords(row)) },
  { title: 'From', cell: ({ first }) => <Time at={first.timestamp} short /> },
  { title: 'To', cell: ({ last }) => <Time at={last.timestamp} short /> },
  { title: 'Messages', kind: 'number', cell: ({ messages }) => formatCount(messages) },
  { title: 'Begins', isQuiet: true, cell: ({ begins }) => BEGIN_WORDS[begins] },
]

/** Each publisher’s own chains: from where to where nothing that they name is missing. */
export function Chains({ body: { chains, chainsLeftOut } }: { body: AuditBody }) {
  if (chains.length === 0) {
    return (
      <EmptyState title="No chains">
        No verified message of the range belongs to a chain of its publisher.
      </EmptyState>
    )
  }
  const unseen = Math.max(0, chains.length - MAX_ROWS) + chainsLeftOut
  return (
    <div className={classes.tableArea}>
      <div className={classes.tableHead}>
        <span>
          {unseen > 0
            ? `${formatCount(unseen)} further chains are not shown.`
            : 'According to each publisher’s own chain.'}
        </span>
      </div>
      <DataTable
        columns={COLUMNS}
        rows={chains.slice(0, MAX_ROWS)}
        keyOf={({ publisher, chain }) => `${publisher} ${chain}`}
        label="Chains"
        hasFrame
      />
    </div>
  )
}

function faultWords({ gaps, forks }: ChainRow): string {
  const words = [
    gaps > 0 ? `${formatCount(gaps)} missing` : '',
    forks > 0 ? `${formatCount(forks)} forks` : '',
  ]
  return words.filter((word) => word !== '').join(', ')
}
