import { Button, Checkbox, Group, NumberInput, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import {
  MAX_STREAM_PARTITIONS,
  type RegistryChange,
  registryChangeInput,
} from '../../../shared/registry-change.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { dialogStore, streamDetailsStore } from '../../ui/dialogs.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { ChangeConfirm } from './change-confirm.tsx'
import classes from './subscribe-dialog.module.css'

/** Makes a stream of one's own; what it costs is shown before anything is written. */
export function CreateStreamDialog() {
  const opened = useExternalStore(dialogStore) === 'create-stream'
  const close = () => dialogStore.set(null)
  return (
    <Dialog opened={opened} onClose={close} title="Create a stream" widthPx={560}>
      <CreateForm onDone={close} />
    </Dialog>
  )
}

function CreateForm({ onDone }: { onDone(): void }) {
  const trpc = useTRPC()
  const status = useQuery(trpc.node.status.queryOptions())
  const [path, setPath] = useState('/')
  const [description, setDescription] = useState('')
  const [partitions, setPartitions] = useState<number | string>(1)
  const [isReadable, setReadable] = useState(true)
  const [isWritable, setWritable] = useState(false)
  const [change, setChange] = useState<(RegistryChange & { kind: 'create' }) | null>(null)
  const read = registryChangeInput.safeParse({
    kind: 'create',
    path,
    description,
    partitions: Number(partitions),
    publicRights: [...(isReadable ? ['subscribe'] : []), ...(isWritable ? ['publish'] : [])],
  })
  const isEns = !path.startsWith('/')
  const streamId = path.startsWith('/') ? `${status.data?.address ?? '0x…'}${path}` : path

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (read.success && read.data.kind === 'create') setChange(read.data)
  }

  if (change !== null) {
    return (
      <ChangeConfirm
        change={change}
        action="Create"
        onCancel={() => setChange(null)}
        onDone={() => {
          onDone()
          streamDetailsStore.set(streamId)
        }}
      >
        The registry will have the stream <code>{streamId}</code> with {change.partitions}{' '}
        {change.partitions === 1 ? 'partition' : 'partitions'}, owned by this node.
        {isEns &&
          ' Where it does not know yet that the name is this node’s, it asks Ethereum first: the stream is then there some minutes later, and never if the name is another’s.'}
      </ChangeConfirm>
    )
  }
  return (
    <form onSubmit={submit} className={classes.form}>
      <TextInput
        label="Path"
        description="Under this node’s address: /rooms/kitchen. Under an ENS name of its account: name.eth/kitchen."
        value={path}
        maxLength={512}
        onChange={(event) => setPath(event.currentTarget.value)}
        error={
          read.success || path.length < 2 ? null : 'Letters, digits, dots, dashes and slashes, like /path'
        }
        spellCheck={false}
        autoComplete="off"
        data-autofocus
      />
      <TextInput
        label="Description"
        value={description}
        maxLength={1_000}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <NumberInput
        label="Partitions"
        description="One is right for most; more share the load of very lively streams."
        value={partitions}
        onChange={setPartitions}
        min={1}
        max={MAX_STREAM_PARTITIONS}
        allowDecimal={false}
      />
      <Checkbox
        label="Everybody may subscribe"
        checked={isReadable && !isEns}
        disabled={isEns}
        onChange={(event) => setReadable(event.currentTarget.checked)}
      />
      <Checkbox
        label="Everybody may publish"
        checked={isWritable && !isEns}
        disabled={isEns}
        description={isEns ? 'Rights on a stream under an ENS name are given once it is there.' : undefined}
        onChange={(event) => setWritable(event.currentTarget.checked)}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" disabled={!read.success}>
          Show the cost…
        </Button>
      </Group>
    </form>
  )
}
