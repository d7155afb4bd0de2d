import { formatCount } from '../../../shared/format/quantity.ts'
import { type FollowedLogView, keeperText } from '../../../shared/remote-log.ts'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Age, Time } from '../../ui/time.tsx'
import { LogActions } from './log-actions.tsx'
import { LogName } from './log-name.tsx'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

/** The logs this node restores or follows. */
export function FollowedTable({ logs }: { logs: readonly FollowedLogView[] }) {
  return (
    <section aria-labelledby="logs-read" className={classes.group}>
      <h2 id="logs-read">Read</h2>
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
                To read
              </th>
              <th scope="col" className={classes.number}>
                Missing
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

function Row({ log }: { log: FollowedLogView }) {
  const { head, problem, findings, progress, isReading, isFollowed } = log
  const isWhole = head !== null && log.pagesToRead === 0 && log.messagesMissing === 0
  const state = isReading ? 'Reading' : isFollowed ? 'Followed' : isWhole ? 'Restored' : 'In part'
  const [newest] = findings
  return (
    <tr>
      <th scope="row">
        <LogName log={log} />
        <p className={classes.sub}>
          {log.part === null ? 'The stream shows with the first message.' : <PlainText>{log.part}</PlainText>}
        </p>
        {problem === null ? null : <Problem error={problem} />}
        {newest === undefined ? null : (
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
      </th>
      <td>
        {head === null ? (
          <span className={classes.quiet}>not seen yet</span>
        ) : (
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
        )}
      </td>
      <td className={classes.number}>{formatCount(log.messages)}</td>
      <td className={classes.number}>{formatCount(log.pages)}</td>
      <td className={classes.number}>{formatCount(log.pagesToRead)}</td>
      <td className={classes.number}>{formatCount(log.messagesMissing)}</td>
      <td>
        {state}
        <p className={classes.sub}>
          {progress?.reachedBack == null ? null : (
            <>
              back to <Time at={progress.reachedBack} short />
            </>
          )}
        </p>
      </td>
      <td className={classes.actions}>
        <LogActions log={log} kind="followed" isFollowed={isFollowed} />
      </td>
    </tr>
  )
}
