import { Button, Group, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { AlertView } from '../../../shared/rules/alert.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import classes from './alerts.module.css'

const MINUTE_MS = 60_000
const LENGTHS = [
  { value: String(30 * MINUTE_MS), label: '30 minutes' },
  { value: String(120 * MINUTE_MS), label: '2 hours' },
  { value: String(480 * MINUTE_MS), label: '8 hours' },
  { value: String(1_440 * MINUTE_MS), label: '1 day' },
  { value: String(10_080 * MINUTE_MS), label: '1 week' },
]

/** Mutes the channels for a rule, a publisher, or both, up to an end that is always there. */
export function SilenceDialog({ alert, onClose }: { alert: AlertView; onClose: () => void }) {
  const trpc = useTRPC()
  const [scope, setScope] = useState('both')
  const [lastsMs, setLastsMs] = useState(String(120 * MINUTE_MS))
  const [reason, setReason] = useState('')
  const silence = useMutation(trpc.alerts.silence.mutationOptions({ onSuccess: onClose }))
  const { publisher, ruleId } = alert
  const scopes = [
    ...(publisher === null ? [] : [{ value: 'both', label: 'This rule, for this publisher' }]),
    { value: 'rule', label: 'This rule, for all publishers' },
    ...(publisher === null ? [] : [{ value: 'publisher', label: 'All rules, for this publisher' }]),
  ]
  const chosen = publisher === null ? 'rule' : scope

  function submit(event: FormEvent): void {
    event.preventDefault()
    silence.mutate({
      ruleId: chosen === 'publisher' ? null : ruleId,
      publisher: chosen === 'rule' ? null : publisher,
      reason,
      lastsMs: Number(lastsMs),
    })
  }

  return (
    <Dialog opened onClose={onClose} title="Silence">
      <form onSubmit={submit} className={classes.fields}>
        <p className={classes.sub}>
          The channels are told nothing of it up to the end. The alert stays on this page.
        </p>
        <Select
          label="What"
          data={scopes}
          value={chosen}
          onChange={(value) => setScope(value ?? 'both')}
          allowDeselect={false}
        />
        <Select
          label="For"
          data={LENGTHS}
          value={lastsMs}
          onChange={(value) => setLastsMs(value ?? lastsMs)}
          allowDeselect={false}
        />
        <TextInput
          label="Why"
          placeholder="Maintenance"
          value={reason}
          maxLength={200}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        {silence.error ? <p className={classes.error}>{errorViewOf(silence.error).message}</p> : null}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={silence.isPending}>
            Silence
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
