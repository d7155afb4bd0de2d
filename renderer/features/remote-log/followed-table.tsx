import { formatCount } from '../../../shared/format/quantity.ts'
import { type FollowedLogView, keeperText } from '../../../shared/remote-log.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Age, Time } from '../../ui/time.tsx'
import { LogActions } from './log-actions.tsx'
import { LogName } from './log-name.tsx'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

const COLUMNS: readonly Column<FollowedLogView>[] = [
  { title: 'Name and stream', kind: 'name', cell: (log) => <Name log={log} /> },
  { title: 'Head', width: 168, cell: ({ head }) => <Head head={head} /> },
  { title: 'Messages', kind: 'number', width: 96, cell: ({ messages }) => formatCount(messages) },
  { title: 'Pages', kind: 'number', width: 80, cell: ({ pages }) => formatCount(pages) },
  { title: 'To read', kind: 'number', width: 88, cell: ({ pagesToRead }) => formatCount(pagesToRead) },
  {
    title: 'Missing',
    kind: 'number',
    width: 88,
    cell: ({ messagesMissing }) => formatCount(messagesMissing),
  },
  { title: 'State', width: 124, cell: (log) => <State log={log} /> },
  {
    title: 'Actions',
    kind: 'actions',
    cell: (log) => <LogActions log={log} kind="followed" isFollowed={log.isFollowed} />,
  },
]

/** The logs this node restores or follows. */
export function FollowedTable({ logs }: { logs: readonly FollowedLogView[] }) {
  return (
    <section aria-labelledby="logs-read" className={classes.group}>
      <h2 id="logs-read">Read</h2>
      <DataTable
        columns={COLUMNS}
        rows={logs}
        keyOf={(log) => `${log.name} ${keeperText(log.keeper)}`}
        label="Logs this node reads"
        hasFrame
        minWidthPx={980}
        align="top"
      />
    </section>
  )
}

function Name({ log }: { log: FollowedLogView }) {
  const { part, problem, findings } = log
  return (
    <>
      <LogName log={log} />
      <p className={classes.sub}>
        {part === null ? 'The stream shows with the first message.' : <PlainText>{part}</PlainText>}
      </p>
      {problem === null ? null : <Problem error={problem} />}
      {findings.length === 0 ? null : (
        <details className={classes.findings}>
          <summary>
            {findings.length === 1 ? 'One finding' : `${formatCount(findings.length)} findings`}
          </summary>
          <ul>
            {findings.map(({ foundAt, sentence }) => (
              <li key={`${foundAt} ${sentence}`}>
                <Time at={foundAt} short /> <bdi>{sentence}</bdi>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

function Head({ head }: Pick<FollowedLogView, 'head'>) {
  if (head === null) return <span className={classes.quiet}>not seen yet</span>
  return (
    <>
      <ShortId id={head.address} what="address of the head" head={8} tail={6} />
      <p className={classes.sub}>
        {head.fetchedAt === null ? null : (
          <>
            asked <Age at={head.fetchedAt} />
          </>
        )}
      </p>
    </>
  )
}

function State({ log }: { log: FollowedLogView }) {
  const { head, progress, isReading, isFollowed, pagesToRead, messagesMissing } = log
  const isWhole = head !== null && pagesToRead === 0 && messagesMissing === 0
  const state = isReading ? 'Reading' : isFollowed ? 'Followed' : isWhole ? 'Restored' : 'In part'
  return (
    <>
      {state}
      <p className={classes.sub}>
        {progress?.reachedBack == null ? null : (
          <>
            back to <Time at={progress.reachedBack} short />
          </>
        )}
      </p>
    </>
  )
}
