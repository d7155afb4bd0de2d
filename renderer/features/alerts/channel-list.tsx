import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useMutationState, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChannelView } from '../../../shared/rules/channel.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './alerts.module.css'
import { ChannelEditor } from './channel-editor.tsx'
import { CHANNEL_WORDS, firstChannel, SHAPE_WORDS } from './channel-words.ts'
import { DeliveryList } from './delivery-list.tsx'

const TABLE_WIDTH_PX = 860

/** Who is told, whether it works, and what was delivered. */
export function ChannelList() {
  const trpc = useTRPC()
  const [open, setOpen] = useState<'new' | ChannelView | null>(null)
  const channels = useQuery(trpc.alerts.channels.queryOptions(undefined, { refetchInterval: 5_000 }))
  if (channels.error) {
    return (
      <ErrorState
        title="Channels"
        error={errorViewOf(channels.error)}
        onRetry={() => void channels.refetch()}
      />
    )
  }
  if (channels.data === undefined) return <LoadingState what="channels" />
  const close = () => setOpen(null)
  return (
    <section className={classes.group} aria-label="Channels">
      <div className={classes.bar}>
        <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen('new')}>
          New channel
        </Button>
      </div>
      {channels.data.length === 0 ? (
        <EmptyState title="Nobody is told yet">
          A channel is told when a rule that names it fires, and when it is over: a webhook, a mail, a
          notification on the desktop. A dead man’s switch tells somebody else when this node itself is gone.
        </EmptyState>
      ) : (
        <DataTable
          columns={channelColumns(setOpen)}
          rows={channels.data}
          keyOf={({ name }) => name}
          hasFrame
          minWidthPx={TABLE_WIDTH_PX}
          align="top"
        />
      )}
      <DeliveryList />
      {open === 'new' ? <ChannelEditor first={firstChannel()} isNew kept={[]} onClose={close} /> : null}
      {open !== null && open !== 'new' ? (
        <ChannelEditor
          first={{ name: open.name, settings: open.settings, secrets: {} }}
          isNew={false}
          kept={open.secrets}
          onClose={close}
        />
      ) : null}
    </section>
  )
}

function channelColumns(onChange: (channel: ChannelView) => void): Column<ChannelView>[] {
  return [
    {
      title: 'Channel',
      kind: 'name',
      cell: ({ name }) => (
        <span className={classes.name}>
          <PlainText>{name}</PlainText>
        </span>
      ),
    },
    {
      title: 'Kind',
      cell: ({ settings }) => (
        <>
          {CHANNEL_WORDS[settings.kind].label}
          {settings.kind === 'webhook' ? <p className={classes.sub}>{SHAPE_WORDS[settings.shape]}</p> : null}
        </>
      ),
    },
    { title: 'How it goes', width: '34%', cell: (channel) => <ChannelHealth channel={channel} /> },
    {
      title: 'Actions',
      kind: 'actions',
      width: 220,
      cell: (channel) => <ChannelActions channel={channel} onChange={() => onChange(channel)} />,
    },
  ]
}

/** Tests of a channel by its name: asked for by its button, told beside how it goes. */
const testKey = (name: string) => ['channel-test', name]

function ChannelHealth({ channel }: { channel: ChannelView }) {
  const { name, waiting, lastDeliveredAt, problem } = channel
  const tests = useMutationState({
    filters: { mutationKey: testKey(name) },
    select: ({ state }) => state,
  })
  const test = tests.at(-1)
  return (
    <>
      {lastDeliveredAt === null ? (
        'Nothing was delivered so far'
      ) : (
        <>
          Delivered <Age at={lastDeliveredAt} />
        </>
      )}
      {waiting > 0 ? `, ${waiting} waiting` : ''}
      {problem === null ? null : (
        <p className={classes.error} role="alert">
          <PlainText clip={false}>{problem}</PlainText>
        </p>
      )}
      <p className={test?.error ? classes.error : classes.sub} role="status">
        {test?.status === 'success'
          ? 'The test was delivered.'
          : test?.error
            ? errorViewOf(test.error).message
            : ''}
      </p>
    </>
  )
}

function ChannelActions({ channel: { name }, onChange }: { channel: ChannelView; onChange: () => void }) {
  const trpc = useTRPC()
  const { client } = useApi()
  const test = useMutation({
    mutationKey: testKey(name),
    mutationFn: () => client.alerts.testChannel.mutate({ name }),
  })
  const remove = useMutation(trpc.alerts.removeChannel.mutationOptions())
  return (
    <div className={classes.buttons}>
      <Button variant="default" size="compact-xs" loading={test.isPending} onClick={() => test.mutate()}>
        Test
      </Button>
      <Button variant="default" size="compact-xs" onClick={onChange}>
        Change
      </Button>
      <Button variant="subtle" size="compact-xs" onClick={() => remove.mutate({ name })}>
        Remove
      </Button>
    </div>
  )
}
