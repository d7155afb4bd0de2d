import { Button, SegmentedControl } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type DatabaseView, databaseChoiceInput, type StoreEngine } from '../../../shared/database.ts'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Time } from '../../ui/time.tsx'
import { useDatabaseDraft } from './database-draft.ts'
import { DatabaseFields } from './database-fields.tsx'
import { DatabaseTestReport } from './database-test-report.tsx'
import settings from './settings.module.css'
import classes from './storage-settings.module.css'

const REFRESH_MS = 3_000

/** Where messages are kept: in a file of the data folder, or by a PostgreSQL server. */
export function MessageStore() {
  const trpc = useTRPC()
  // What waits for a server changes by itself.
  const view = useQuery(trpc.database.view.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  return (
    <section className={settings.group} aria-labelledby="settings-database">
      <h2 id="settings-database">Where messages are kept</h2>
      {view.data !== undefined ? (
        <div className={settings.card}>
          <Away since={view.data.spool?.awaySince ?? null} />
          <StoreForm key={JSON.stringify(view.data.choice)} view={view.data} />
          <Spool view={view.data} />
          {view.data.needsRestart ? (
            <p className={classes.restart} role="status">
              Restart Tidemark to use what was changed here. What is stored stays where it is; take it along
              with “tidemark store move” while the node is stopped.
            </p>
          ) : null}
        </div>
      ) : view.error !== null ? (
        <ErrorState title="Where messages are kept cannot be shown" error={errorViewOf(view.error)} />
      ) : (
        <LoadingState what="where messages are kept" />
      )}
    </section>
  )
}

function Away({ since }: { since: number | null }) {
  if (since === null) return null
  return (
    <p className={`${classes.away} ${classes.problem}`} role="status">
      The database has been away since <Time at={since} />. It is tried again by itself.
    </p>
  )
}

function Spool({ view: { spool } }: { view: DatabaseView }) {
  if (spool === null) return null
  const words =
    spool.messages === 0
      ? 'No message waits for the database.'
      : `${formatCount(spool.messages)} messages (${formatSize(spool.bytes)} of at most ${formatSize(spool.maxBytes)}) wait on this machine’s disk for the database.`
  return (
    <p className={`${classes.restart} ${classes.quiet}`} role="status">
      {words}
    </p>
  )
}

const ENGINES: { value: StoreEngine; label: string }[] = [
  { value: 'sqlite', label: 'A file (SQLite)' },
  { value: 'postgres', label: 'PostgreSQL server' },
]

function StoreForm({ view }: { view: DatabaseView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { choice, hasPassword } = view
  const [engine, setEngine] = useState(choice.engine)
  const test = useMutation(trpc.database.test.mutationOptions())
  const form = useDatabaseDraft({ server: choice.server, schema: 'tidemark', onEdit: () => test.reset() })
  const save = useMutation(
    trpc.database.change.mutationOptions({
      onSuccess(changed) {
        form.setPassword('')
        queryClient.setQueryData(trpc.database.view.queryKey(), changed)
      },
    }),
  )
  const { read, secret } = form
  const wanted = databaseChoiceInput.safeParse({ engine, server: read.data ?? choice.server })
  const isReady = wanted.success && (engine === 'sqlite' || read.success)
  const isChanged = form.password !== '' || JSON.stringify(wanted.data) !== JSON.stringify(choice)
  return (
    <div className={classes.registration}>
      <SegmentedControl
        size="xs"
        aria-label="Where messages are kept"
        value={engine}
        data={ENGINES}
        onChange={(value) => setEngine(value as StoreEngine)}
      />
      {engine === 'sqlite' ? (
        <p className={classes.quiet}>A file in the data folder of this machine; it needs no server.</p>
      ) : (
        <>
          <DatabaseFields form={form} hasPassword={hasPassword} hasLimits size="xs" />
          <DatabaseTestReport
            report={test.data}
            error={test.error}
            isPending={test.isPending}
            found={({ parts }) =>
              parts === null
                ? 'The tables are made at the first start.'
                : `Messages of ${formatCount(parts)} stream parts are kept there.`
            }
            good="It will do."
          />
        </>
      )}
      {save.error === null ? null : (
        <p role="alert" className={classes.problem}>
          <bdi>{errorViewOf(save.error).message}</bdi> <bdi>{errorViewOf(save.error).remedy}</bdi>
        </p>
      )}
      <div className={classes.actions}>
        {engine === 'postgres' ? (
          <Button
            size="xs"
            variant="default"
            loading={test.isPending}
            disabled={read.data === undefined}
            onClick={() => read.data !== undefined && test.mutate({ server: read.data, ...secret })}
          >
            Test the connection
          </Button>
        ) : null}
        <Button
          size="xs"
          loading={save.isPending}
          disabled={!isReady || !isChanged}
          onClick={() => wanted.success && save.mutate({ choice: wanted.data, ...secret })}
        >
          Save for the next start
        </Button>
      </div>
    </div>
  )
}
