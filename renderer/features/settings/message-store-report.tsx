import type { DatabaseReport } from '../../../shared/database.ts'
import { formatCount } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import classes from './storage-settings.module.css'

export interface MessageStoreReportProps {
  report: DatabaseReport | undefined
  error: unknown
  isPending: boolean
}

/** What a test of the connection found. */
export function MessageStoreReport({ report, error, isPending }: MessageStoreReportProps) {
  if (error !== null) {
    const { message, remedy } = errorViewOf(error)
    return (
      <p role="alert" className={classes.problem}>
        <bdi>{message}</bdi> <bdi>{remedy}</bdi>
      </p>
    )
  }
  if (report === undefined) {
    return (
      <p role="status" className={classes.quiet}>
        {isPending ? 'Asking the server…' : 'A test goes there, looks, and changes nothing.'}
      </p>
    )
  }
  return (
    <div role="status">
      <p>
        PostgreSQL <bdi>{report.version}</bdi>, {report.latencyMs} ms away,{' '}
        {report.isEncrypted ? 'encrypted' : 'not encrypted'}.{' '}
        {report.parts === null
          ? 'The tables are made at the first start.'
          : `Messages of ${formatCount(report.parts)} stream parts are kept there.`}{' '}
        {report.problems.length === 0 ? 'It will do.' : null}
      </p>
      {report.problems.map(({ message, remedy }) => (
        <p key={message} className={classes.problem}>
          <bdi>{message}</bdi> <bdi>{remedy}</bdi>
        </p>
      ))}
    </div>
  )
}
