import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import type { RegistryChange } from '../../../shared/registry-change.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useGas, useRegistryChange } from '../../api/registry-change.ts'
import { CostNote } from '../../ui/cost-note.tsx'
import classes from './stream-details.module.css'

export interface ChangeConfirmProps {
  change: RegistryChange
  /** What will be true afterwards. */
  children: ReactNode
  /** What the button says. */
  action: string
  onDone(): void
  onCancel(): void
}

/** Nothing is written to the chain before its cost was seen here and agreed to. */
export function ChangeConfirm({ change, children, action, onDone, onCancel }: ChangeConfirmProps) {
  const { estimate, write } = useRegistryChange(change, onDone)
  const gas = useGas()
  const error = write.error ?? estimate.error
  return (
    <section className={classes.confirm} aria-label="Confirm the change">
      <p>{children}</p>
      {error !== null ? (
        <div role="alert" className={classes.refused}>
          <bdi>{errorViewOf(error).message}</bdi> <bdi>{errorViewOf(error).remedy}</bdi>
        </div>
      ) : estimate.data === undefined ? (
        <div className={classes.estimating} role="status">
          Asking the chain what it costs…
        </div>
      ) : (
        <CostNote cost={estimate.data} {...gas} />
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel} disabled={write.isPending}>
          Cancel
        </Button>
        <Button
          onClick={() => write.mutate(change)}
          loading={write.isPending}
          disabled={estimate.data === undefined}
        >
          {action}
        </Button>
      </Group>
    </section>
  )
}
