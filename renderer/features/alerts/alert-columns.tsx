import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { formatDuration } from '../../../shared/format/quantity.ts'
import type { AlertView } from '../../../shared/rules/alert.ts'
import { useTRPC } from '../../api/provider.tsx'
import type { Column } from '../../ui/data-table.tsx'
import { PartName } from '../../ui/part-name.tsx'
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

/** @param onSilence null for alerts of the past */
export function alertColumns(onSilence: ((alert: AlertView) => void) | null): Column<AlertView>[] {
  const columns: Column<AlertView>[] = [
    { title: 'Severity', width: 116, cell: (alert) => <Standing alert={alert} /> },
    { title: 'What', kind: 'name', width: '30%', cell: (alert) => <What alert={alert} /> },
    { title: 'Where', cell: (alert) => <Where alert={alert} /> },
    {
      title: onSilence === null ? 'Lasted' : 'Since',
      width: 118,
      cell: (alert) => <Lasting alert={alert} />,
    },
  ]
  if (onSilence === null) return columns
  return [
    ...columns,
    {
      title: 'Actions',
      kind: 'actions',
      width: 178,
      cell: (alert) => (
        <div className={classes.buttons}>
          <Acknowledge alert={alert} />
          <Button variant="subtle" size="compact-xs" onClick={() => onSilence(alert)}>
            Silence
          </Button>
        </div>
      ),
    },
  ]
}

/** Nobody has to do anything about it now. */
export function isQuietAlert({ state, acknowledgedAt, isSilenced }: AlertView): boolean {
  return state === 'pending' || acknowledgedAt !== null || isSilenced
}

function Standing({ alert }: { alert: AlertView }) {
  return (
    <>
      <SeverityBadge severity={alert.severity} state={alert.state} />
      <p className={classes.sub}>{stateWords(alert)}</p>
    </>
  )
}

function What({ alert: { rule, sentence, note } }: { alert: AlertView }) {
  return (
    <>
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
    </>
  )
}

function Where({ alert }: { alert: AlertView }) {
  const { publisher, part } = alert
  return (
    <>
      {publisher === null ? 'The whole stream' : <ShortId id={publisher} what="publisher" />}
      <p className={classes.sub}>
        <Link className={classes.place ?? ''} href={messagesOf(alert)}>
          <PartName part={part} />
        </Link>
      </p>
    </>
  )
}

function Lasting({ alert: { since, resolvedAt, endedBy } }: { alert: AlertView }) {
  return (
    <>
      {resolvedAt === null ? (
        <Age at={since} />
      ) : (
        <>
          {formatDuration(Math.max(0, resolvedAt - since))}
          {endedBy === 'rule' ? ', ended with its rule' : ''}
        </>
      )}
      <p className={classes.sub}>
        <Time at={since} short />
      </p>
    </>
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
