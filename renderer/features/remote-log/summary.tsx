import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import type { FollowedLogView, PublishedLogView } from '../../../shared/remote-log.ts'
import classes from './remote-log.module.css'

export interface SummaryProps {
  published: readonly PublishedLogView[]
  followed: readonly FollowedLogView[]
}

/** The state of all logs in one sentence. */
export function Summary({ published, followed }: SummaryProps) {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const messages = sum(published.map((log) => log.messages))
  const bytes = sum(published.map((log) => log.pageBytes + (log.head?.sizeBytes ?? 0)))
  const pending = sum(published.map((log) => log.pendingUploads))
  const behind = published.filter(
    ({ isCurrent, isPublishing, problem }) => problem !== null || !(isCurrent || isPublishing),
  ).length
  return (
    <p className={classes.summary} role="status">
      <strong>
        {published.length === 0
          ? 'Nothing is published'
          : behind === 0
            ? 'All logs are current'
            : `${formatCount(behind)} of ${formatCount(published.length)} ${behind === 1 ? 'is' : 'are'} behind`}
      </strong>
      {published.length === 0 ? null : (
        <>
          : {formatCount(messages)} messages published, {formatSize(bytes)} of pages,{' '}
          {pending === 0
            ? 'no upload pending'
            : `${formatCount(pending)} ${pending === 1 ? 'upload' : 'uploads'} pending`}
        </>
      )}
      . {followed.length === 0 ? 'No other log is read.' : `${formatCount(followed.length)} read.`}
    </p>
  )
}
