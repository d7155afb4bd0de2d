import type { DatabaseReport } from '../../../shared/database.ts'
import { errorViewOf } from '../../api/error-view.ts'
import classes from './database-test-report.module.css'

export interface DatabaseTestReportProps {
  report: DatabaseReport | undefined
  error: unknown
  isPending: boolean
  /** What was found beside the server itself, in a sentence. */
  found?: (report: DatabaseReport) => string
  /** What a server without problems is good for. */
  good: string
}

/** What a test of the connection found. */
export function DatabaseTestReport({ report, error, isPending, found, good }: DatabaseTestReportProps) {
  if (error !== null) {
    const { message, remedy } = errorViewOf(error)
    return (
      <p role="alert" className={`${classes.report} ${classes.problem}`}>
        <bdi>{message}</bdi> <bdi className={classes.remedy}>{remedy}</bdi>
      </p>
    )
  }
  if (report === undefined) {
    return (
      <p role="status" className={`${classes.report} ${classes.quiet}`}>
        {isPending ? 'Asking the server…' : 'A test goes there, looks, and changes nothing.'}
      </p>
    )
  }
  return (
    <div role="status" className={classes.report}>
      <p>
        PostgreSQL <bdi>{report.version}</bdi>, {report.latencyMs} ms away,{' '}
        {report.isEncrypted ? 'encrypted' : 'not encrypted'}. {found?.(report)}{' '}
        {report.problems.length === 0 ? good : null}
      </p>
      {report.problems.map(({ message, remedy }) => (
        <p key={message} className={classes.problem}>
          <bdi>{message}</bdi> <bdi className={classes.remedy}>{remedy}</bdi>
        </p>
      ))}
    </div>
  )
}
