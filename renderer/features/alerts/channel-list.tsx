import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChannelView } from '../../../shared/rules/channel.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Age } from '../../ui/time.tsx'
import classes from './alerts.module.css'
import { ChannelEditor } from './channel-editor.tsx'
import { CHANNEL_WORDS, firstChannel, SHAPE_WORDS } from './channel-words.ts'
import { DeliveryList } from './delivery-list.tsx'

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
        <div className={classes.frame}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Channel</th>
                <th scope="col">Kind</th>
                <th scope="col" className={classes.wide}>
                  How it goes
                </th>
                <th scope="col" className={classes.actions}>
                  <span className={classes.hidden}>Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {channels.data.map((channel) => (
                <ChannelRow key={channel.name} channel={channel} onChange={() => setOpen(channel)} />
              ))}
            </tbody>
          </table>
        </div>
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

function ChannelRow({ channel, onChange }: { channel: ChannelView; onChange: () => void }) {
  const trpc = useTRPC()
  const test = useMutation(trpc.alerts.testChannel.mutationOptions())
  const remove = useMutation(trpc.alerts.removeChannel.mutationOptions())
  const { name, settings, waiting, lastDeliveredAt, problem } = channel
  return (
    <tr>
      <td>
        <div className={classes.name}>
          <PlainText>{name}</PlainText>
        </div>
      </td>
      <td>
        {CHANNEL_WORDS[settings.kind].label}
        {settings.kind === 'webhook' ? <p className={classes.sub}>{SHAPE_WORDS[settings.shape]}</p> : null}
      </td>
      <td>
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
        <p className={test.error ? classes.error : classes.sub} role="status">
          {test.isSuccess ? 'The test was delivered.' : test.error ? errorViewOf(test.error).message : ''}
        </p>
      </td>
      <td>
        <div className={classes.buttons}>
          <Button
            variant="default"
            size="compact-xs"
            loading={test.isPending}
            onClick={() => test.mutate({ name })}
          >
            Test
          </Button>
          <Button variant="default" size="compact-xs" onClick={onChange}>
            Change
          </Button>
          <Button variant="subtle" size="compact-xs" onClick={() => remove.mutate({ name })}>
            Remove
          </Button>
        </div>
      </td>
    </tr>
  )
}
