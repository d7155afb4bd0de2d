import { Button, Group, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { readerRoleInput } from '../../../shared/sink.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import classes from './sinks.module.css'

export function ReaderRoleDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="A role that may only read" widthPx={600}>
      <ReaderRole onDone={onClose} />
    </Dialog>
  )
}

function ReaderRole({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC()
  const [role, setRole] = useState('tidemark_reader')
  const read = readerRoleInput.safeParse({ role })
  const sql = useQuery(trpc.sinks.readerRole.queryOptions({ role }, { enabled: read.success }))
  const make = useMutation(trpc.sinks.makeReaderRole.mutationOptions())
  return (
    <div className={classes.form}>
      <TextInput
        label="Name of the role"
        description="It may read the views of all sinks, those of later ones as well, and nothing else. It can log in once it has a password."
        value={role}
        maxLength={63}
        spellCheck={false}
        error={read.success ? undefined : read.error.issues[0]?.message}
        onChange={(event) => {
          setRole(event.currentTarget.value)
          make.reset()
        }}
        data-autofocus
      />
      <Textarea
        label="SQL that makes it"
        value={read.success ? (sql.data?.sql ?? '') : ''}
        readOnly
        autosize
        minRows={8}
        maxRows={12}
        spellCheck={false}
        classNames={{ input: classes.sql ?? '' }}
      />
      <p className={classes.report} role="status">
        {make.isSuccess ? (
          'The role is there. Give it a password: \\password in psql, or ALTER ROLE … PASSWORD.'
        ) : make.error === null ? (
          <span className={classes.quiet}>
            Give this to an administrator of the database, or make it here if the user of the sinks may.
          </span>
        ) : (
          <span className={classes.problem}>
            <bdi>{errorViewOf(make.error).message}</bdi>{' '}
            <span className={classes.remedy}>
              Have an administrator of the database carry out the statements above.
            </span>
          </span>
        )}
      </p>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={sql.data?.sql ?? ''} what="the SQL" />
        <Button variant="default" onClick={onDone}>
          Close
        </Button>
        <Button loading={make.isPending} disabled={!read.success} onClick={() => make.mutate({ role })}>
          Make it now
        </Button>
      </Group>
    </div>
  )
}
