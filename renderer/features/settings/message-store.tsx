import {
  Button,
  NumberInput,
  PasswordInput,
  SegmentedControl,
  Select,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type DatabaseTls,
  type DatabaseView,
  databaseChoiceInput,
  MAX_PASSWORD_LENGTH,
  type StoreEngine,
} from '../../../shared/database.ts'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { FIRST_SERVER, type ServerDraft, serverOf } from './message-store-draft.ts'
import { MessageStoreReport } from './message-store-report.tsx'
import settings from './settings.module.css'
import classes from './storage-settings.module.css'
import { TLS_CHOICES } from './tls-choices.ts'

/** Where messages are kept: in a file of the data folder, or by a PostgreSQL server. */
export function MessageStore() {
  const trpc = useTRPC()
  const view = useQuery(trpc.database.view.queryOptions())
  return (
    <section className={settings.group} aria-labelledby="settings-database">
      <h2 id="settings-database">Where messages are kept</h2>
      {view.data !== undefined ? (
        <div className={settings.card}>
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
  const [draft, setDraft] = useState<ServerDraft>(
    choice.server === null ? FIRST_SERVER : { ...choice.server, ca: choice.server.ca ?? '' },
  )
  const [password, setPassword] = useState('')
  const test = useMutation(trpc.database.test.mutationOptions())
  const save = useMutation(
    trpc.database.change.mutationOptions({
      onSuccess(changed) {
        setPassword('')
        queryClient.setQueryData(trpc.database.view.queryKey(), changed)
      },
    }),
  )
  const server = serverOf(draft)
  const wanted = databaseChoiceInput.safeParse({ engine, server: server.data ?? choice.server })
  const isReady = wanted.success && (engine === 'sqlite' || server.success)
  // A password that is left empty stays what it was.
  const secret = password === '' ? {} : { password }
  const isChanged = password !== '' || JSON.stringify(wanted.data) !== JSON.stringify(choice)
  const set = (change: Partial<ServerDraft>) => {
    setDraft({ ...draft, ...change })
    test.reset()
  }
  const text = (name: 'host' | 'database' | 'user' | 'schema', label: string) => (
    <TextInput
      size="xs"
      label={label}
      value={draft[name]}
      maxLength={255}
      spellCheck={false}
      autoComplete="off"
      error={draft[name] === '' ? undefined : server.issueOf(name)}
      onChange={(event) => set({ [name]: event.currentTarget.value.trim() })}
    />
  )
  const number = (name: 'port' | 'readers' | 'statementTimeoutMs', label: string) => (
    <NumberInput
      size="xs"
      label={label}
      value={draft[name]}
      allowDecimal={false}
      hideControls
      error={server.issueOf(name)}
      onChange={(value) => set({ [name]: Number(value) })}
    />
  )
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
          <div className={classes.grid}>
            {text('host', 'Server')}
            {number('port', 'Port')}
            {text('database', 'Database')}
            {text('schema', 'Schema')}
            {text('user', 'User')}
            <PasswordInput
              size="xs"
              label="Password"
              placeholder={hasPassword ? 'Stays as it is if left empty' : ''}
              value={password}
              maxLength={MAX_PASSWORD_LENGTH}
              autoComplete="new-password"
              onChange={(event) => {
                setPassword(event.currentTarget.value)
                test.reset()
              }}
            />
            {number('readers', 'Connections that read')}
            {number('statementTimeoutMs', 'Longest statement, ms')}
          </div>
          <Select
            size="xs"
            label="Connection"
            data={TLS_CHOICES}
            value={draft.tls}
            allowDeselect={false}
            onChange={(value) => set({ tls: (value ?? 'verify') as DatabaseTls })}
          />
          {draft.tls === 'verify' ? (
            <Textarea
              size="xs"
              label="Certificate of the authority"
              description="PEM; only where the server’s certificate was signed by none of the well-known ones."
              value={draft.ca}
              minRows={2}
              maxRows={4}
              autosize
              spellCheck={false}
              error={server.issueOf('ca')}
              onChange={(event) => set({ ca: event.currentTarget.value })}
            />
          ) : null}
          <MessageStoreReport report={test.data} error={test.error} isPending={test.isPending} />
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
            disabled={server.data === undefined}
            onClick={() => server.data !== undefined && test.mutate({ server: server.data, ...secret })}
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
