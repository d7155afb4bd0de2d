import { Button, Group } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import type { DatabaseServer } from '../../../shared/database.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { useDatabaseDraft } from './database-draft.ts'
import { DatabaseFields } from './database-fields.tsx'
import { DatabaseTestReport } from './database-test-report.tsx'
import classes from './sinks.module.css'

export interface SinkDatabaseDialogProps {
  opened: boolean
  server: DatabaseServer | null
  hasPassword: boolean
  onClose: () => void
}

export function SinkDatabaseDialog(props: SinkDatabaseDialogProps) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title="Database of the sinks" widthPx={560}>
      <DatabaseForm {...props} />
    </Dialog>
  )
}

function DatabaseForm({ server, hasPassword, onClose }: SinkDatabaseDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const test = useMutation(trpc.sinks.testDatabase.mutationOptions())
  const form = useDatabaseDraft({ server, schema: 'telemetry', onEdit: () => test.reset() })
  const save = useMutation(
    trpc.sinks.setDatabase.mutationOptions({
      onSuccess() {
        void queryClient.invalidateQueries({ queryKey: trpc.sinks.pathKey() })
        onClose()
      },
    }),
  )
  const database = form.read.data === undefined ? null : { server: form.read.data, ...form.secret }

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (database !== null) save.mutate(database)
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <DatabaseFields form={form} hasPassword={hasPassword} />
      <DatabaseTestReport
        report={test.data}
        error={save.error ?? test.error}
        isPending={test.isPending}
        good="Sinks can write there."
      />
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          loading={test.isPending}
          disabled={database === null}
          onClick={() => database !== null && test.mutate(database)}
        >
          Test
        </Button>
        <Button type="submit" loading={save.isPending} disabled={database === null}>
          Use this database
        </Button>
      </Group>
    </form>
  )
}
