import { Button } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { ErrorView } from '../../shared/errors.ts'
import { NodeWords } from './node-words.tsx'
import classes from './state-views.module.css'

export interface EmptyStateProps {
  /** What would be here. */
  title: string
  /** Why it is not. */
  children: ReactNode
  /** The one thing that changes it. */
  action?: ReactNode
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className={classes.state}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  )
}

export interface ErrorStateProps {
  error: ErrorView
  /** What the user was about to see or do. */
  title: string
  onRetry?: (() => void) | undefined
  /** Another way out than trying again. */
  action?: ReactNode
}

/** What happened, and what to do. */
export function ErrorState({ error, title, onRetry, action }: ErrorStateProps) {
  return (
    <div className={classes.state} role="alert" data-error>
      <h2>{title}</h2>
      <p>
        <NodeWords>{error.message}</NodeWords>
      </p>
      <p className={classes.remedy}>
        <NodeWords>{error.remedy}</NodeWords>
      </p>
      {onRetry ? (
        <Button variant="default" leftSection={<IconRefresh size={15} />} onClick={onRetry}>
          Try again
        </Button>
      ) : null}
      {action}
    </div>
  )
}

/** Something is on its way: says what, and takes the place it will have. */
export function LoadingState({ what }: { what: string }) {
  return (
    <div className={classes.state} role="status">
      <p>Loading {what}…</p>
    </div>
  )
}
