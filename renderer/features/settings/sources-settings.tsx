import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { formatCount, formatDuration } from '../../../shared/format/quantity.ts'
import type { MissingReadings, SourcesView, SourceView } from '../../../shared/sources.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { useGas } from '../../api/registry-change.ts'
import { CostNote } from '../../ui/cost-note.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Age } from '../../ui/time.tsx'
import settings from './settings.module.css'
import { SourceEditor } from './source-editor.tsx'
import {
  addressOf,
  MISSING_WORDS,
  NEW_SOURCE,
  SOURCE_WORDS,
  type SourceDraft,
  toDraft,
} from './source-words.ts'
import classes from './sources.module.css'
import forms from './storage-settings.module.css'

const REFRESH_MS = 3_000

/** What this node measures of other software, and the stream it is published to. */
export function SourcesSettings() {
  const trpc = useTRPC()
  const view = useQuery(trpc.sources.view.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  return (
    <section className={settings.group} aria-labelledby="settings-sources">
      <h2 id="settings-sources">Sources</h2>
      {view.data !== undefined ? (
        <div className={settings.card}>
          <SourceList view={view.data} />
          <PublishedTo view={view.data} />
        </div>
      ) : view.error !== null ? (
        <ErrorState title="The sources cannot be shown" error={errorViewOf(view.error)} />
      ) : (
        <LoadingState what="the sources" />
      )}
    </section>
  )
}

function SourceList({ view: { sources } }: { view: SourcesView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [edited, setEdited] = useState<{ draft: SourceDraft; isNew: boolean } | null>(null)
  const refresh = () => queryClient.invalidateQueries({ queryKey: trpc.sources.view.queryKey() })
  const remove = useMutation(trpc.sources.remove.mutationOptions({ onSuccess: refresh }))
  const columns: Column<SourceView>[] = [
    {
      title: 'Source',
      kind: 'name',
      width: 140,
      cell: ({ settings: { name, kind } }) => (
        <>
          {name}
          <span className={classes.under}>{kind === 'machine' ? 'Machine' : SOURCE_WORDS[kind].label}</span>
        </>
      ),
    },
    {
      title: 'Address',
      cell: ({ settings: source }) => <bdi className={classes.address}>{visibleText(addressOf(source))}</bdi>,
    },
    {
      title: 'Every',
      kind: 'number',
      width: 64,
      cell: (source) => formatDuration(source.settings.intervalMs),
    },
    { title: 'Measured', width: 170, cell: (source) => <Measured source={source} /> },
    {
      title: 'Actions',
      kind: 'actions',
      cell: ({ settings: source }) => (
        <div className={forms.actions}>
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={`Change ${source.name}`}
            onClick={() => setEdited({ draft: toDraft(source), isNew: false })}
          >
            Change
          </Button>
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label={`Remove ${source.name}`}
            onClick={() => remove.mutate({ name: source.name })}
          >
            Remove
          </Button>
        </div>
      ),
    },
  ]
  return (
    <div className={forms.registration}>
      {sources.length === 0 ? (
        <p>
          Nothing but this machine is measured.{' '}
          <span className={forms.quiet}>
            Add the node of a chain, any Prometheus exporter or a time server, and what it says is signed and
            published, so that others can trust it.
          </span>
        </p>
      ) : (
        <DataTable columns={columns} rows={sources} keyOf={(source) => source.settings.name} />
      )}
      {remove.error === null ? null : (
        <p role="alert" className={forms.problem}>
          <bdi>{errorViewOf(remove.error).message}</bdi>
        </p>
      )}
      <div className={forms.actions}>
        <Button variant="default" size="xs" onClick={() => setEdited({ draft: NEW_SOURCE, isNew: true })}>
          Add a source
        </Button>
      </div>
      {edited === null ? null : (
        <SourceEditor
          first={edited.draft}
          isNew={edited.isNew}
          onClose={() => {
            setEdited(null)
            void refresh()
          }}
        />
      )}
    </div>
  )
}

function Measured({ source: { measured, lastMeasuredAt, problem, missing } }: { source: SourceView }) {
  if (problem !== null) return <bdi className={forms.problem}>{visibleText(problem)}</bdi>
  if (lastMeasuredAt === null) return <span className={forms.quiet}>not yet</span>
  return (
    <>
      <span className="tabular">
        {formatCount(measured)}, <Age at={lastMeasuredAt} />
      </span>
      {missing === null ? null : <Missing missing={missing} />}
    </>
  )
}

/** A source that measures nothing looks like one that is well, but for this. */
function Missing({ missing: { count, reasons, isEverything } }: { missing: MissingReadings }) {
  const why = reasons.map((reason) => MISSING_WORDS[reason] ?? reason).join(', ')
  if (isEverything) {
    return <bdi className={classes.under} data-bad>{`Nothing could be read: ${visibleText(why)}`}</bdi>
  }
  const what = count === 1 ? '1 reading is' : `${formatCount(count)} readings are`
  return <bdi className={classes.under} title={visibleText(why)}>{`${what} missing`}</bdi>
}

const STREAM_STATES: Record<SourcesView['stream'], string> = {
  unknown: 'The chain has not said yet whether the stream is there.',
  missing: 'The stream is not there yet. What is measured waits until you have made it.',
  there: 'What is measured is published to',
}

/** The stream all sources share: made once, at a cost that is shown before. */
function PublishedTo({ view }: { view: SourcesView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const gas = useGas()
  const isMissing = view.stream === 'missing' && view.sources.length > 0
  const cost = useQuery(trpc.sources.estimate.queryOptions(undefined, { enabled: isMissing, retry: false }))
  const make = useMutation(
    trpc.sources.makeStream.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.sources.view.queryKey() }),
    }),
  )
  if (view.sources.length === 0) return null
  const failure = make.error ?? cost.error
  return (
    <div className={forms.assignments}>
      <p>
        {STREAM_STATES[view.stream]} <bdi className={classes.address}>{visibleText(view.streamId)}</bdi>
        {view.waiting > 0 ? (
          <span className={forms.quiet}>{` · ${formatCount(view.waiting)} waiting`}</span>
        ) : null}
      </p>
      {view.problem === null ? null : (
        <p role="status" className={forms.problem}>
          <bdi>{visibleText(view.problem)}</bdi>
        </p>
      )}
      {isMissing && cost.data !== undefined ? <CostNote cost={cost.data} {...gas} /> : null}
      {failure === null ? null : (
        <p role="alert" className={forms.problem}>
          <bdi>{errorViewOf(failure).message}</bdi> <bdi>{errorViewOf(failure).remedy}</bdi>
        </p>
      )}
      {isMissing ? (
        <div className={forms.actions}>
          <Button
            size="xs"
            loading={make.isPending}
            disabled={cost.data === undefined}
            onClick={() => make.mutate()}
          >
            Make the stream at this cost
          </Button>
        </div>
      ) : null}
    </div>
  )
}
