import { Button, Group, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { REMOTE_LOG_MODES, type RemoteLogMode } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { streamOptions } from '../../ui/stream-options.ts'
import { KeeperFields, keeperOf, NO_KEEPER } from './keeper-fields.tsx'
import { MODE_WORDS } from './mode-words.ts'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

export function PublishDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Publish a stream" widthPx={560}>
      <PublishForm onDone={onClose} />
    </Dialog>
  )
}

function PublishForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const [part, setPart] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [keeperDraft, setKeeper] = useState(NO_KEEPER)
  const [mode, setMode] = useState<RemoteLogMode>('mixed')
  const [pageSize, setPageSize] = useState<number | string>(512)
  const [embedNewest, setEmbedNewest] = useState<number | string>(16)
  const [writeToken, setWriteToken] = useState('')
  const publish = useMutation(
    trpc.remoteLog.publish.mutationOptions({
      onSuccess() {
        void queryClient.invalidateQueries({ queryKey: trpc.remoteLog.pathKey() })
        onDone()
      },
    }),
  )
  const keeper = keeperOf(keeperDraft)

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (part === null || keeper === null) return
    publish.mutate({
      ...{ part, keeper, mode, pageSize: Number(pageSize), embedNewest: Number(embedNewest) },
      ...(name.trim() === '' || keeper.kind === 'ipfs' ? {} : { name: name.trim() }),
      ...(writeToken === '' || keeper.kind !== 'twirp' ? {} : { writeToken }),
    })
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
        openOnFocus={false}
        data-autofocus
      />
      <KeeperFields draft={keeperDraft} onChange={setKeeper} />
      {keeperDraft.kind === 'ipfs' ? (
        <p className={classes.note}>
          The name will be a key of this node’s own, which nobody else can update.
        </p>
      ) : (
        <TextInput
          label="Name"
          placeholder="Follows from the stream if left empty"
          value={name}
          maxLength={512}
          spellCheck={false}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      )}
      {keeperDraft.kind === 'twirp' ? (
        <PasswordInput
          label="Token the server wants from those who write"
          value={writeToken}
          maxLength={512}
          onChange={(event) => setWriteToken(event.currentTarget.value)}
        />
      ) : null}
      <Select
        label="Mode"
        description={MODE_WORDS[mode].note}
        data={REMOTE_LOG_MODES.map((value) => ({ value, label: MODE_WORDS[value].label }))}
        value={mode}
        allowDeselect={false}
        onChange={(value) => setMode((value ?? 'mixed') as RemoteLogMode)}
      />
      <Group grow>
        <NumberInput
          label="Messages on a page"
          min={1}
          max={2_048}
          allowDecimal={false}
          disabled={mode === 'linked'}
          value={pageSize}
          onChange={setPageSize}
        />
        <NumberInput
          label="Newest in the head"
          min={1}
          max={1_024}
          allowDecimal={false}
          disabled={mode !== 'mixed'}
          value={embedNewest}
          onChange={setEmbedNewest}
        />
      </Group>
      {publish.error ? <Problem error={errorViewOf(publish.error)} /> : null}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={publish.isPending} disabled={part === null || keeper === null}>
          Publish
        </Button>
      </Group>
    </form>
  )
}
