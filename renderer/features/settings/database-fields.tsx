import { NumberInput, PasswordInput, Select, Textarea, TextInput } from '@mantine/core'
import { type DatabaseTls, MAX_PASSWORD_LENGTH } from '../../../shared/database.ts'
import type { DatabaseDraft } from './database-draft.ts'
import classes from './database-fields.module.css'
import { TLS_CHOICES } from './tls-choices.ts'

export interface DatabaseFieldsProps {
  form: DatabaseDraft
  hasPassword: boolean
  /** Asks for the number of connections and the longest statement as well. */
  hasLimits?: boolean
  size?: 'xs' | 'sm'
}

/** Where a PostgreSQL server is and how it is entered: for the store and for sinks alike. */
export function DatabaseFields({ form, hasPassword, hasLimits = false, size = 'sm' }: DatabaseFieldsProps) {
  const { draft, read, password, set, setPassword } = form
  const text = (name: 'host' | 'database' | 'user' | 'schema', label: string) => (
    <TextInput
      size={size}
      label={label}
      value={draft[name]}
      maxLength={255}
      spellCheck={false}
      autoComplete="off"
      error={read.issueOf(name)}
      onChange={(event) => set({ [name]: event.currentTarget.value.trim() })}
    />
  )
  const number = (name: 'port' | 'readers' | 'statementTimeoutMs', label: string) => (
    <NumberInput
      size={size}
      label={label}
      value={draft[name]}
      allowDecimal={false}
      hideControls
      error={read.issueOf(name)}
      onChange={(value) => set({ [name]: Number(value) })}
    />
  )
  return (
    <>
      <div className={classes.host}>
        {text('host', 'Server')}
        {number('port', 'Port')}
      </div>
      <div className={classes.pair}>
        {text('database', 'Database')}
        {text('schema', 'Schema')}
        {text('user', 'User')}
        <PasswordInput
          size={size}
          label="Password"
          placeholder={hasPassword ? 'Stays as it is if left empty' : ''}
          value={password}
          maxLength={MAX_PASSWORD_LENGTH}
          autoComplete="new-password"
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {hasLimits ? number('readers', 'Connections that read') : null}
        {hasLimits ? number('statementTimeoutMs', 'Longest statement, ms') : null}
      </div>
      <Select
        size={size}
        label="Connection"
        data={TLS_CHOICES}
        value={draft.tls}
        allowDeselect={false}
        onChange={(value) => set({ tls: (value ?? 'verify') as DatabaseTls })}
      />
      {draft.tls === 'verify' ? (
        <Textarea
          size={size}
          label="Certificate of the authority"
          description="PEM; only where the server’s certificate was signed by none of the well-known ones."
          value={draft.ca}
          minRows={2}
          maxRows={4}
          autosize
          spellCheck={false}
          error={read.issueOf('ca')}
          onChange={(event) => set({ ca: event.currentTarget.value })}
        />
      ) : null}
    </>
  )
}
