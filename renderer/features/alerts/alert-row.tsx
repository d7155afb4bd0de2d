import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { formatDuration } from '../../../shared/format/quantity.ts'
import type { AlertView } from '../../../shared/rules/alert.ts'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { Age, Time } from '../../ui/time.tsx'
import { linkTo } from '../../ui/use-view.ts'
import classes from './alerts.module.css'
import { SeverityBadge } from './severity.tsx'

/** Shown before and after an alert where its messages are opened. */
const MARGIN_MS = 60_000

/** The stretch of the alert, in the messages of its stream. */
function messagesOf({ part, publisher, since, resolvedAt }: AlertView): string {
  const to = Math.max(resolvedAt ?? since, since) + MARGIN_MS
  return linkTo('messages', { part, publisher, range: { kind: 'fixed', from: since - MARGIN_MS, to } })
}

export interface AlertRowProps {
  alert: AlertView
  /** Null for alerts of the past. */
  onSilence: ((alert: AlertView) => void) | null
}

export function AlertRow({ alert, onSilence }: AlertRowProps) {
  const { severity, state, rule, sentence, note, part, publisher, since, resolvedAt, endedBy } = alert
  const isQuiet = state === 'pending' || alert.acknowledgedAt !== null || alert.isSilenced
  return (
    <tr data-quiet={isQuiet || undefined}>
      <td>
        <SeverityBadge severity={severity} state={state} />
        <p className={classes.sub}>{stateWords(alert)}</p>
      </td>
      <td>
        <div className={classes.name}>
          <PlainText>{rule}</PlainText>
        </div>
        <p className={classes.sub}>
          <PlainText clip={false}>{sentence}</PlainText>
        </p>
        {note === '' ? null : (
          <p className={classes.note}>
            <PlainText clip={false}>{note}</PlainText>
          </p>
        )}
      </td>
      <td>
        {publisher === null ? 'The whole stream' : <ShortId id={publisher} what="publisher" />}
        <p className={classes.sub}>
          <Link href={messagesOf(alert)}>
            <PlainText>{part}</PlainText>
          </Link>
        </p>
      </td>
      <td>
        {resolvedAt === null ? (
          <Age at={since} />
        ) : (
          <>
            {formatDuration(Math.max(0, resolvedAt - since))}
            {endedBy === 'rule' ? ', ended with its rule' : ''}
          </>
        )}
        <p className={classes.sub}>
          <Time at={since} />
        </p>
      </td>
      {onSilence === null ? null : (
        <td>
          <div className={classes.buttons}>
            <Acknowledge alert={alert} />
            <Button variant="subtle" size="compact-xs" onClick={() => onSilence(alert)}>
              Silence
            </Button>
          </div>
        </td>
      )}
    </tr>
  )
}

function stateWords({ state, acknowledgedAt, isSilenced }: AlertView): string {
  const words = { pending: 'Pending', firing: 'Firing', resolved: 'Resolved' }[state]
  return [
    words,
    ...(acknowledgedAt === null ? [] : ['acknowledged']),
    ...(isSilenced ? ['silenced'] : []),
  ].join(', ')
}

function Acknowledge({ alert }: { alert: AlertView }) {
  const trpc = useTRPC()
  const acknowledge = useMutation(trpc.alerts.acknowledge.mutationOptions())
  const isIt = alert.acknowledgedAt !== null
  if (alert.state !== 'firing') return null
  return (
    <Button
      variant="default"
      size="compact-xs"
      loading={acknowledge.isPending}
      onClick={() => acknowledge.mutate({ ids: [alert.id], isIt: !isIt })}
    >
      {isIt ? 'Take back' : 'Acknowledge'}
    </Button>
  )
}
