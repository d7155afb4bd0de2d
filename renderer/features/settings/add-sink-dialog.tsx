import { Button, Group, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { MAX_TABLE_NAME_LENGTH, sinkInput } from '../../../shared/sink.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { streamOptions } from '../../ui/stream-options.ts'
import classes from './sinks.module.css'

export function AddSinkDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Write a stream into a table" widthPx={520}>
      <AddSinkForm onDone={onClose} />
    </Dialog>
  )
}

function AddSinkForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const [part, setPart] = useState<string | null>(null)
  const [table, setTable] = useState('')
  const add = useMutation(
    trpc.sinks.add.mutationOptions({
      onSuccess() {
        void queryClient.invalidateQueries({ queryKey: trpc.sinks.pathKey() })
        onDone()
      },
    }),
  )
  const read = sinkInput.safeParse({ part: part ?? '', ...(table === '' ? {} : { table }) })
  const tableIssue = read.success ? undefined : read.error.issues.find(({ path }) => path[0] === 'table')

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (read.success) add.mutate(read.data)
  }

  return (
    <form onSubmit={submit} className={classes.form}>
      <Select
        label="Stream"
        placeholder={streams.data === undefined ? 'Loading…' : 'Choose one that this node keeps'}
        searchable
        data={streamOptions(streams.data ?? [])}
        value={part}
        onChange={setPart}
        data-autofocus
      />
      <TextInput
        label="Table"
        description="It is made if it is not there. History is written first, then what comes."
        placeholder="Follows from the stream if left empty"
        value={table}
        maxLength={MAX_TABLE_NAME_LENGTH}
        spellCheck={false}
        error={tableIssue?.message}
        onChange={(event) => setTable(event.currentTarget.value.trim())}
      />
      {add.error === null ? null : (
        <p role="alert" className={classes.problem}>
          <bdi>{errorViewOf(add.error).message}</bdi>{' '}
          <span className={classes.remedy}>
            <bdi>{errorViewOf(add.error).remedy}</bdi>
          </span>
        </p>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={add.isPending} disabled={!read.success}>
          Add the sink
        </Button>
      </Group>
    </form>
  )
}
