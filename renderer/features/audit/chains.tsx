import type { AuditBody, ChainRow } from '../../../shared/audit-report.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
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

/** Each publisher's own chains: from where to where nothing that they name is missing. */
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
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">Publisher</th>
            <th scope="col">Chain</th>
            <th scope="col">Whole</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Messages</th>
            <th scope="col">Begins</th>
          </tr>
        </thead>
        <tbody>
          {chains.slice(0, MAX_ROWS).map((row) => (
            <tr key={`${row.publisher} ${row.chain}`}>
              <th scope="row">
                <ShortId id={row.publisher} what="publisher" head={8} tail={4} />
              </th>
              <td className={classes.digest}>
                <bdi>{visibleText(row.chain).slice(0, 20)}</bdi>
              </td>
              <td>{row.complete ? 'Complete' : faultWords(row)}</td>
              <td>
                <Time at={row.first.timestamp} short />
              </td>
              <td>
                <Time at={row.last.timestamp} short />
              </td>
              <td>{formatCount(row.messages)}</td>
              <td>{BEGIN_WORDS[row.begins]}</td>
            </tr>
          ))}
        </tbody>
      </table>
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
