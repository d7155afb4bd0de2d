import { Button, Group, NumberInput, PasswordInput, Select, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import {
  type DatabaseReport,
  type DatabaseServer,
  type DatabaseTls,
  databaseServerInput,
  MAX_PASSWORD_LENGTH,
} from '../../../shared/database.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import classes from './sinks.module.css'
import { TLS_CHOICES } from './tls-choices.ts'

export interface SinkDatabaseDialogProps {
  opened: boolean
  server: DatabaseServer | null
  hasPassword: boolean
  onClose: () => void
}

export function SinkDatabaseDialog(props: SinkDatabaseDialogProps) {
  return (
    <Dialog opened={props.opened} onClose={props.onClose} title="Database of the sinks" widthPx={560}>
      <DatabaseForm {...props} />
    </Dialog>
  )
}

type Draft = Pick<DatabaseServer, 'host' | 'port' | 'database' | 'user' | 'tls' | 'schema'> & { ca: string }

const FIRST: Draft = {
  host: '',
  port: 5_432,
  database: '',
  user: '',
  tls: 'verify',
  schema: 'telemetry',
  ca: '',
}

function DatabaseForm({ server, hasPassword, onClose }: SinkDatabaseDialogProps) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState<Draft>(server === null ? FIRST : { ...server, ca: server.ca ?? '' })
  const [password, setPassword] = useState('')
  const test = useMutation(trpc.sinks.testDatabase.mutationOptions())
  const save = useMutation(
    trpc.sinks.setDatabase.mutationOptions({
      onSuccess() {
        void queryClient.invalidateQueries({ queryKey: trpc.sinks.pathKey() })
        onClose()
      },
    }),
  )
  const read = databaseServerInput.safeParse({ ...draft, ca: draft.ca.trim() === '' ? null : draft.ca })
  const set = (change: Partial<Draft>) => {
    setDraft({ ...draft, ...change })
    test.reset()
  }
  const issueOf = (name: keyof Draft): string | undefined =>
    read.success || draft[name] === ''
      ? undefined
      : read.error.issues.find(({ path }) => path[0] === name)?.message
  // A password that is left empty stays what it was.
  const database = read.success ? { server: read.data, ...(password === '' ? {} : { password }) } : null

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (database !== null) save.mutate(database)
  }

  const text = (name: 'host' | 'database' | 'user' | 'schema', label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={draft[name]}
      maxLength={255}
      spellCheck={false}
      autoComplete="off"
      error={issueOf(name)}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  )
  return (
    <form onSubmit={submit} className={classes.form}>
      <div className={classes.host}>
        {text('host', 'Server')}
        <NumberInput
          label="Port"
          value={draft.port}
          min={1}
          max={65_535}
          allowDecimal={false}
          hideControls
          onChange={(value) => set({ port: Number(value) })}
        />
      </div>
      <div className={classes.pair}>
        {text('database', 'Database')}
        {text('schema', 'Schema')}
        {text('user', 'User')}
        <PasswordInput
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
      </div>
      <Select
        label="Connection"
        data={TLS_CHOICES}
        value={draft.tls}
        allowDeselect={false}
        onChange={(value) => set({ tls: (value ?? 'verify') as DatabaseTls })}
      />
      {draft.tls === 'verify' ? (
        <Textarea
          label="Certificate of the authority"
          description="PEM; only where the server’s certificate was signed by none of the well-known ones."
          value={draft.ca}
          minRows={2}
          maxRows={4}
          autosize
          spellCheck={false}
          error={issueOf('ca')}
          onChange={(event) => set({ ca: event.currentTarget.value })}
        />
      ) : null}
      <TestReport report={test.data} error={save.error ?? test.error} isPending={test.isPending} />
      <Group justify="flex-end" gap="xs">
        <Button
          variant="default"
          loading={test.isPending}
          disabled={database === null}
          onClick={() => database !== null && test.mutate(database)}
        >
          Test
        </Button>
        <Button type="submit" loading={save.isPending} disabled={database === null}>
          Use this database
        </Button>
      </Group>
    </form>
  )
}

interface TestReportProps {
  report: DatabaseReport | undefined
  error: unknown
  isPending: boolean
}

function TestReport({ report, error, isPending }: TestReportProps) {
  if (error !== null) {
    const { message, remedy } = errorViewOf(error)
    return (
      <p role="alert" className={`${classes.report} ${classes.problem}`}>
        <bdi>{message}</bdi> <span className={classes.remedy}>{remedy}</span>
      </p>
    )
  }
  return (
    <p role="status" className={classes.report}>
      {report === undefined ? (
        <span className={classes.quiet}>
          {isPending ? 'Asking the server…' : 'A test goes there, looks, and changes nothing.'}
        </span>
      ) : (
        <>
          PostgreSQL <bdi>{report.version}</bdi>, {report.latencyMs} ms away,{' '}
          {report.isEncrypted ? 'encrypted' : 'not encrypted'}.{' '}
          {report.problems.length === 0
            ? 'Sinks can write there.'
            : report.problems.map((problem) => (
                <span key={problem.message} className={classes.problem}>
                  <bdi>{problem.message}</bdi> <bdi className={classes.remedy}>{problem.remedy}</bdi>{' '}
                </span>
              ))}
        </>
      )}
    </p>
  )
}
