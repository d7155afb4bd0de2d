import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SinksView } from '../../../shared/sink.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { AddSinkDialog } from './add-sink-dialog.tsx'
import { ReaderRoleDialog } from './reader-role-dialog.tsx'
import settings from './settings.module.css'
import { SinkDatabaseDialog } from './sink-database-dialog.tsx'
import { SinkTable } from './sink-table.tsx'
import classes from './sinks.module.css'
import { TLS_WORDS } from './tls-choices.ts'

/** What is shown is at most this old. */
const REFETCH_MS = 2_000

/** Streams that are written into a database: where, which, and how far each is. */
export function Sinks() {
  const trpc = useTRPC()
  const view = useQuery(trpc.sinks.list.queryOptions(undefined, { refetchInterval: REFETCH_MS }))
  return (
    <section className={settings.group} aria-labelledby="settings-sinks">
      <h2 id="settings-sinks">Sinks into PostgreSQL</h2>
      {view.data !== undefined ? (
        <SinkCard view={view.data} />
      ) : view.error !== null ? (
        <ErrorState
          title="Sinks cannot be shown"
          error={errorViewOf(view.error)}
          onRetry={() => void view.refetch()}
        />
      ) : (
        <LoadingState what="the sinks" />
      )}
    </section>
  )
}

type Open = 'database' | 'sink' | 'role' | null

function SinkCard({ view }: { view: SinksView }) {
  const [open, setOpen] = useState<Open>(null)
  const { server, hasPassword, sinks } = view
  const close = () => setOpen(null)
  return (
    <div className={settings.card}>
      <div className={classes.lead}>
        {server === null ? (
          <div>
            <p>No database is set.</p>
            <p className={classes.quiet}>
              A sink writes a stream into a table of its own while it is stored: a column for each field, and
              who signed it beside it.
            </p>
          </div>
        ) : (
          <div>
            <p>
              <bdi>
                {server.user}@{server.host}:{server.port}/{server.database}
              </bdi>
            </p>
            <p className={classes.quiet}>
              Tables in the schema <bdi>{server.schema}</bdi>, views for analysts in{' '}
              <bdi>{server.schema}_views</bdi>; {TLS_WORDS[server.tls]}
              {hasPassword ? '' : '; no password is kept'}
            </p>
          </div>
        )}
        <div className={classes.buttons}>
          <Button variant="default" size="xs" onClick={() => setOpen('database')}>
            {server === null ? 'Set the database…' : 'Database…'}
          </Button>
          {server === null ? null : (
            <>
              <Button variant="default" size="xs" onClick={() => setOpen('role')}>
                Role for analysts…
              </Button>
              <Button size="xs" onClick={() => setOpen('sink')}>
                Add a sink…
              </Button>
            </>
          )}
        </div>
      </div>
      {sinks.length > 0 ? (
        <div className={classes.table}>
          <SinkTable sinks={sinks} />
        </div>
      ) : server === null ? null : (
        <p className={classes.empty}>
          No stream is written yet. A sink begins with the history that is stored and goes on with what comes.
        </p>
      )}
      <SinkDatabaseDialog
        opened={open === 'database'}
        server={server}
        hasPassword={hasPassword}
        onClose={close}
      />
      <AddSinkDialog opened={open === 'sink'} onClose={close} />
      <ReaderRoleDialog opened={open === 'role'} onClose={close} />
    </div>
  )
}
