import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { keeperText, type PublishedLogView } from '../../../shared/remote-log.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Age } from '../../ui/time.tsx'
import { LogActions } from './log-actions.tsx'
import { LogName } from './log-name.tsx'
import { MODE_WORDS } from './mode-words.ts'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

const COLUMNS: readonly Column<PublishedLogView>[] = [
  { title: 'Name and stream', kind: 'name', cell: (log) => <Name log={log} /> },
  { title: 'Head', width: 168, cell: ({ head }) => <Head head={head} /> },
  { title: 'Messages', kind: 'number', width: 96, cell: ({ messages }) => formatCount(messages) },
  { title: 'Pages', kind: 'number', width: 80, cell: ({ pages }) => formatCount(pages) },
  {
    title: 'Size',
    kind: 'number',
    width: 88,
    cell: ({ pageBytes, head }) => formatSize(pageBytes + (head?.sizeBytes ?? 0)),
  },
  {
    title: 'Pending',
    kind: 'number',
    width: 88,
    cell: ({ pendingUploads }) => formatCount(pendingUploads),
  },
  { title: 'State', width: 124, cell: (log) => <State log={log} /> },
  { title: 'Actions', kind: 'actions', cell: (log) => <LogActions log={log} kind="published" /> },
]

/** The logs this node keeps up. */
export function PublishedTable({ logs }: { logs: readonly PublishedLogView[] }) {
  return (
    <section aria-labelledby="logs-published" className={classes.group}>
      <h2 id="logs-published">Published</h2>
      <DataTable
        columns={COLUMNS}
        rows={logs}
        keyOf={(log) => `${log.name} ${keeperText(log.keeper)}`}
        label="Logs this node publishes"
        hasFrame
        minWidthPx={980}
        align="top"
      />
    </section>
  )
}

function Name({ log }: { log: PublishedLogView }) {
  return (
    <>
      <LogName log={log} />
      <p className={classes.sub}>
        <PlainText>{log.part}</PlainText>
      </p>
      {log.problem === null ? null : <Problem error={log.problem} />}
    </>
  )
}

function Head({ head }: Pick<PublishedLogView, 'head'>) {
  if (head === null) return <span className={classes.quiet}>none yet</span>
  return (
    <>
      <ShortId id={head.address} what="address of the head" head={8} tail={6} />
      <p className={classes.sub}>
        <Age at={head.publishedAt} />
      </p>
    </>
  )
}

function State({ log: { problem, isCurrent, isPublishing, mode } }: { log: PublishedLogView }) {
  const state = problem !== null ? 'Waiting' : isCurrent ? 'Current' : isPublishing ? 'Publishing' : 'Behind'
  return (
    <>
      {state}
      <p className={classes.sub}>{MODE_WORDS[mode].short}</p>
    </>
  )
}
