import { Button, Group, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { LogRef } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { KeeperFields, keeperOf, NO_KEEPER } from './keeper-fields.tsx'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'
import { RunDialog } from './run-dialog.tsx'
import type { Run } from './use-run.ts'

/** Asks for the name of a log, and what to do with it. */
export function ReadDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const [run, setRun] = useState<Run | null>(null)
  return (
    <>
      <Dialog opened={opened} onClose={onClose} title="Restore or follow a log" widthPx={560}>
        <ReadForm
          onDone={onClose}
          onRun={(next) => {
            onClose()
            setRun(next)
          }}
        />
      </Dialog>
      <RunDialog run={run} onClose={() => setRun(null)} />
    </>
  )
}

function ReadForm({ onDone, onRun }: { onDone: () => void; onRun: (run: Run) => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  const [keeperDraft, setKeeper] = useState(NO_KEEPER)
  const follow = useMutation(
    trpc.remoteLog.follow.mutationOptions({
      onSuccess() {
        void queryClient.invalidateQueries({ queryKey: trpc.remoteLog.pathKey() })
        onDone()
      },
    }),
  )
  const keeper = keeperOf(keeperDraft)
  const ref: LogRef | null = keeper === null || name.trim() === '' ? null : { name: name.trim(), keeper }
  const run = (kind: 'restore' | 'verify') => ref !== null && onRun({ kind, ref })
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault()
        run('restore')
      }}
    >
      <TextInput
        label="Name of the log"
        placeholder="As its author gave it to you"
        value={name}
        maxLength={512}
        spellCheck={false}
        autoComplete="off"
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <KeeperFields draft={keeperDraft} onChange={setKeeper} />
      <p className={classes.note}>
        Every message is checked before it is kept, the newest first. To follow is to restore, and then to ask
        the name for news.
      </p>
      {follow.error ? <Problem error={errorViewOf(follow.error)} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" disabled={ref === null} onClick={() => run('verify')}>
          Verify only
        </Button>
        <Button
          variant="default"
          disabled={ref === null}
          loading={follow.isPending}
          onClick={() => ref !== null && follow.mutate(ref)}
        >
          Follow
        </Button>
        <Button type="submit" disabled={ref === null}>
          Restore
        </Button>
      </Group>
    </form>
  )
}
