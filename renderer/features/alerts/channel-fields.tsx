import { Checkbox, NumberInput, PasswordInput, Select, Textarea, TextInput } from '@mantine/core'
import type { ChannelInput, ChannelSecrets } from '../../../shared/rules/channel.ts'
import { WEBHOOK_SHAPES } from '../../../shared/rules/channel.ts'
import classes from './alerts.module.css'
import { SHAPE_WORDS } from './channel-words.ts'
import { SecondsInput } from './seconds-input.tsx'

export interface ChannelFieldsProps {
  channel: ChannelInput
  /** Secrets that are set already; they are kept when nothing is typed. */
  kept: readonly string[]
  onChange(channel: ChannelInput): void
}

/** The form of one channel. Secrets go in and never come back. */
export function ChannelFields({ channel, kept, onChange }: ChannelFieldsProps) {
  const { settings, secrets } = channel
  const set = (change: object) =>
    onChange({ ...channel, settings: { ...settings, ...change } as ChannelInput['settings'] })
  const secret = (label: string, name: keyof ChannelSecrets, description?: string) => (
    <PasswordInput
      label={label}
      description={description}
      placeholder={kept.includes(name) ? 'Set; type to replace it' : ''}
      autoComplete="off"
      value={secrets[name] ?? ''}
      onChange={(event) => {
        const { [name]: _before, ...others } = secrets
        const value = event.currentTarget.value
        onChange({ ...channel, secrets: value === '' ? others : { ...others, [name]: value } })
      }}
    />
  )
  switch (settings.kind) {
    case 'desktop':
      return <p className={classes.sub}>Notifications are shown where the desktop window runs.</p>
    case 'webhook':
      return (
        <>
          <Select
            label="Shape"
            data={WEBHOOK_SHAPES.map((value) => ({ value, label: SHAPE_WORDS[value] }))}
            value={settings.shape}
            onChange={(shape) => set({ shape: shape ?? settings.shape })}
            allowDeselect={false}
          />
          {secret('Address', 'url', 'Kept like a key: it is never shown again')}
          {settings.shape === 'pagerduty' ? secret('Routing key', 'key') : null}
          {settings.shape === 'telegram' ? (
            <TextInput
              label="Chat"
              value={settings.chatId}
              onChange={(event) => set({ chatId: event.currentTarget.value })}
            />
          ) : null}
          {settings.shape === 'template' ? (
            <Textarea
              label="Template"
              description="Mustache that gives JSON: title, text, rule, severity, part, note, firing, resolved"
              className={classes.mono ?? ''}
              autosize
              minRows={5}
              maxRows={14}
              spellCheck={false}
              value={settings.template}
              onChange={(event) => set({ template: event.currentTarget.value })}
            />
          ) : null}
          <AllowPrivate
            isAllowed={settings.allowPrivate}
            onChange={(allowPrivate) => set({ allowPrivate })}
          />
        </>
      )
    case 'email':
      return (
        <>
          <div className={classes.pair}>
            <TextInput
              label="Mail server"
              value={settings.host}
              onChange={(event) => set({ host: event.currentTarget.value })}
            />
            <NumberInput
              label="Port"
              value={settings.port}
              onChange={(port) => set({ port: Number(port) })}
            />
            <Select
              label="Encryption"
              data={[
                { value: 'starttls', label: 'STARTTLS' },
                { value: 'tls', label: 'TLS' },
                { value: 'none', label: 'None' },
              ]}
              value={settings.security}
              onChange={(security) => set({ security: security ?? settings.security })}
              allowDeselect={false}
            />
          </div>
          <div className={classes.pair}>
            <TextInput
              label="User"
              autoComplete="off"
              value={settings.user}
              onChange={(event) => set({ user: event.currentTarget.value })}
            />
            {secret('Password', 'password')}
          </div>
          <TextInput
            label="From"
            value={settings.from}
            onChange={(event) => set({ from: event.currentTarget.value })}
          />
          <Textarea
            label="To"
            description="One address a line"
            autosize
            minRows={1}
            defaultValue={settings.to.join('\n')}
            onChange={(event) =>
              set({ to: event.currentTarget.value.split(/[\s,]+/).filter((address) => address !== '') })
            }
          />
        </>
      )
    case 'heartbeat':
      return (
        <>
          {secret('Address', 'url', 'Kept like a key: it is never shown again')}
          <SecondsInput
            label="Called every"
            valueMs={settings.everyMs}
            minMs={10_000}
            onChange={(everyMs) => set({ everyMs })}
          />
          <AllowPrivate
            isAllowed={settings.allowPrivate}
            onChange={(allowPrivate) => set({ allowPrivate })}
          />
        </>
      )
  }
}

function AllowPrivate({
  isAllowed,
  onChange,
}: {
  isAllowed: boolean
  onChange: (isAllowed: boolean) => void
}) {
  return (
    <Checkbox
      size="xs"
      label="May lead to this machine or a private network"
      description="Refused otherwise, so that an address from elsewhere reaches nothing inside"
      checked={isAllowed}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  )
}
