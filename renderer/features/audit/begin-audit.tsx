import { Alert, Button, Select, TextInput } from '@mantine/core'
import { IconAlertTriangle, IconPlayerPlay } from '@tabler/icons-react'
import { type QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { AuditView } from '../../../shared/audit.ts'
import type { TimeZone } from '../../../shared/format/time.ts'
import type { StreamOverview } from '../../../shared/stream.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { fromInputValue, toInputValue } from '../../ui/date-input.ts'
import { useTimeZone } from '../../ui/preferences.ts'
import { LoadingState } from '../../ui/state-views.tsx'
import { streamOptions } from '../../ui/stream-options.ts'
import { useView } from '../../ui/use-view.ts'
import classes from './audit.module.css'

const INTERVALS = [
  { value: '1000', label: '1 second' },
  { value: '10000', label: '10 seconds' },
  { value: '60000', label: '1 minute' },
  { value: '3600000', label: '1 hour' },
  { value: '86400000', label: '1 day' },
]

export interface BeginAuditProps {
  onBegun(id: string): void
}

/** Which stream, and from when to when. Everything that is stored, unless somebody says otherwise. */
export function BeginAudit({ onBegun }: BeginAuditProps) {
  const trpc = useTRPC()
  const { view } = useView()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const held = (streams.data ?? []).filter(({ messages }) => messages > 0)
  const [chosen, setChosen] = useState<string | null>(null)
  const stream =
    held.find(({ part }) => part === chosen) ?? held.find(({ part }) => part === view.part) ?? held[0]
  if (streams.data === undefined) return <LoadingState what="streams" />
  if (stream === undefined) return <p>This node has stored no message yet that could be audited.</p>
  return <RangeForm key={stream.part} stream={stream} streams={held} onStream={setChosen} onBegun={onBegun} />
}

/** Inputs name whole seconds; the last one belongs to the range. */
function endOf(at: number | null, zone: TimeZone): number | null {
  return at === null || zone === 'epoch' ? at : at + 999
}

/**
 * Puts a new audit into the list before it is opened: until the node's list is read again it would not be found,
 * and the one before would stand in its place. An older answer on its way must not take it out again.
 */
async function showInList(
  queryClient: QueryClient,
  queryKey: ReturnType<ReturnType<typeof useTRPC>['audit']['list']['queryKey']>,
  begun: AuditView,
): Promise<void> {
  await queryClient.cancelQueries({ queryKey })
  queryClient.setQueryData(queryKey, (known) => [begun, ...(known ?? []).filter(({ id }) => id !== begun.id)])
  void queryClient.invalidateQueries({ queryKey })
}

interface RangeFormProps extends BeginAuditProps {
  stream: StreamOverview
  streams: readonly StreamOverview[]
  onStream(part: string | null): void
}

function RangeForm({ stream, streams, onStream, onBegun }: RangeFormProps) {
  const trpc = useTRPC()
  const zone = useTimeZone()
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [interval, setInterval] = useState<string>('60000')
  const queryClient = useQueryClient()
  const begin = useMutation(
    trpc.audit.begin.mutationOptions({
      async onSuccess(begun) {
        await showInList(queryClient, trpc.audit.list.queryKey(), begun)
        onBegun(begun.id)
      },
    }),
  )
  const first = stream.firstTimestamp ?? 0
  const last = stream.lastTimestamp ?? first
  const start = from === '' ? first : fromInputValue(from, zone)
  const end = to === '' ? last : endOf(fromInputValue(to, zone), zone)
  const problem =
    start === null || end === null
      ? 'Enter times.'
      : end < start
        ? 'The end lies before the beginning.'
        : null
  const error = begin.error ? errorViewOf(begin.error) : null

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (problem !== null || start === null || end === null) return
    begin.mutate({ part: stream.part, from: start, to: end, intervalMs: Number(interval) })
  }

  const type = zone === 'epoch' ? 'text' : 'datetime-local'
  return (
    <form className={classes.form} onSubmit={submit}>
      <Select
        label="Stream"
        value={stream.part}
        onChange={onStream}
        allowDeselect={false}
        searchable
        data={streamOptions(streams)}
      />
      <div className={classes.times}>
        <TextInput
          type={type}
          step={1}
          label="From"
          value={from === '' ? toInputValue(first, zone) : from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type={type}
          step={1}
          label="To"
          // Whole seconds are shown; the last message may lie behind its second.
          value={to === '' ? toInputValue(last, zone) : to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <Select
          label="Uptime by"
          value={interval}
          onChange={(value) => setInterval(value ?? interval)}
          allowDeselect={false}
          data={INTERVALS}
        />
      </div>
      {error ? (
        <Alert color="danger" variant="outline" icon={<IconAlertTriangle size={17} />} role="alert">
          <bdi>{error.message}</bdi> <bdi>{error.remedy}</bdi>
        </Alert>
      ) : null}
      <div className={classes.formEnd}>
        <span role="status">
          {problem ?? (from === '' && to === '' ? 'Everything this node holds of the stream.' : '')}
        </span>
        <Button
          type="submit"
          leftSection={<IconPlayerPlay size={15} />}
          disabled={problem !== null}
          loading={begin.isPending}
        >
          Begin audit
        </Button>
      </div>
    </form>
  )
}
