import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { keeperText, type PublishedLogView } from '../../../shared/remote-log.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Age } from '../../ui/time.tsx'
import { LogActions } from './log-actions.tsx'
import { LogName } from './log-name.tsx'
import { MODE_WORDS } from './mode-words.ts'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

/** The logs this node keeps up. */
export function PublishedTable({ logs }: { logs: readonly PublishedLogView[] }) {
  return (
    <section aria-labelledby="logs-published" className={classes.group}>
      <h2 id="logs-published">Published</h2>
      <div className={classes.frame}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Name and stream</th>
              <th scope="col" className={classes.head}>
                Head
              </th>
              <th scope="col" className={classes.number}>
                Messages
              </th>
              <th scope="col" className={classes.number}>
                Pages
              </th>
              <th scope="col" className={classes.number}>
                Size
              </th>
              <th scope="col" className={classes.number}>
                Pending
              </th>
              <th scope="col" className={classes.state}>
                State
              </th>
              <th scope="col" className={classes.actions}>
                <span className={classes.hidden}>Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {logs.map((log) => (
              <Row key={`${log.name} ${keeperText(log.keeper)}`} log={log} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({ log }: { log: PublishedLogView }) {
  const { head, problem, isPublishing, isCurrent } = log
  const state = problem !== null ? 'Waiting' : isCurrent ? 'Current' : isPublishing ? 'Publishing' : 'Behind'
  return (
    <tr>
      <th scope="row">
        <LogName log={log} />
        <p className={classes.sub}>
          <PlainText>{log.part}</PlainText>
        </p>
        {problem === null ? null : <Problem error={problem} />}
      </th>
      <td>
        {head === null ? (
          <span className={classes.quiet}>none yet</span>
        ) : (
          <>
            <ShortId id={head.address} what="address of the head" head={8} tail={6} />
            <p className={classes.sub}>
              <Age at={head.publishedAt} />
            </p>
          </>
        )}
      </td>
      <td className={classes.number}>{formatCount(log.messages)}</td>
      <td className={classes.number}>{formatCount(log.pages)}</td>
      <td className={classes.number}>{formatSize(log.pageBytes + (head?.sizeBytes ?? 0))}</td>
      <td className={classes.number}>{formatCount(log.pendingUploads)}</td>
      <td>
        {state}
        <p className={classes.sub}>{MODE_WORDS[log.mode].short}</p>
      </td>
      <td className={classes.actions}>
        <LogActions log={log} kind="published" />
      </td>
    </tr>
  )
}
