import { IconAlertTriangle } from '@tabler/icons-react'
import type { ErrorView } from '../../../shared/errors.ts'
import classes from './remote-log.module.css'

/** What is in the way of a log, and what to do about it. */
export function Problem({ error }: { error: ErrorView }) {
  return (
    <p className={classes.problem}>
      <IconAlertTriangle size={14} aria-hidden />
      <span>
        <bdi>{error.message}</bdi>{' '}
        <span className={classes.remedy}>
          <bdi>{error.remedy}</bdi>
        </span>
      </span>
    </p>
  )
}
