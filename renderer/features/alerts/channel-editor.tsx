import { Button, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type ChannelInput, type ChannelSettings, channelInputSchema } from '../../../shared/rules/channel.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import classes from './alerts.module.css'
import { ChannelFields } from './channel-fields.tsx'
import { CHANNEL_WORDS, firstSettings } from './channel-words.ts'

export interface ChannelEditorProps {
  first: ChannelInput
  isNew: boolean
  kept: readonly string[]
  onClose(): void
}

export function ChannelEditor({ first, isNew, kept, onClose }: ChannelEditorProps) {
  const trpc = useTRPC()
  const [channel, setChannel] = useState(first)
  const save = useMutation(trpc.alerts.putChannel.mutationOptions({ onSuccess: onClose }))
  const checked = channelInputSchema.safeParse(channel)
  const { kind } = channel.settings

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (checked.success) save.mutate(checked.data)
  }

  return (
    <Dialog opened onClose={onClose} title={isNew ? 'New channel' : 'Change channel'} widthPx={560}>
      <form onSubmit={submit} className={classes.fields}>
        <TextInput
          label="Name"
          description="Rules name it; others see it in shared rules"
          value={channel.name}
          disabled={!isNew}
          maxLength={80}
          onChange={(event) => setChannel({ ...channel, name: event.currentTarget.value })}
          data-autofocus
        />
        <Select
          label="Kind"
          description={CHANNEL_WORDS[kind].about}
          data={Object.entries(CHANNEL_WORDS).map(([value, { label }]) => ({ value, label }))}
          value={kind}
          onChange={(value) =>
            setChannel({
              ...channel,
              settings: firstSettings((value ?? kind) as ChannelSettings['kind']),
              secrets: {},
            })
          }
          allowDeselect={false}
        />
        <ChannelFields key={kind} channel={channel} kept={kept} onChange={setChannel} />
        {save.error ? <p className={classes.error}>{errorViewOf(save.error).message}</p> : null}
        <div className={classes.foot}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!checked.success}>
            Save channel
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
