import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { apiKeyNameInput, type StorageHttpSettings, storageHttpInput } from '../../../shared/storage-http.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import settings from './settings.module.css'
import classes from './storage-settings.module.css'

/** The storage interface over HTTP: where it listens, who may ask, and how much. */
export function StorageHttp() {
  const trpc = useTRPC()
  const view = useQuery(trpc.storage.http.queryOptions())
  return (
    <section className={settings.group} aria-labelledby="settings-http">
      <h2 id="settings-http">Storage interface over HTTP</h2>
      {view.data !== undefined ? (
        <div className={settings.card}>
          <HttpForm key={JSON.stringify(view.data.settings)} start={view.data.settings} />
          <ApiKeyList names={view.data.apiKeys} />
          {view.data.needsRestart ? (
            <p className={classes.restart} role="status">
              Restart Tidemark to use what was changed here.
            </p>
          ) : null}
        </div>
      ) : view.error !== null ? (
        <ErrorState title="The interface cannot be shown" error={errorViewOf(view.error)} />
      ) : (
        <LoadingState what="the storage interface" />
      )}
    </section>
  )
}

function HttpForm({ start }: { start: StorageHttpSettings }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [draft, setDraft] = useState(start)
  const [urls, setUrls] = useState(start.publicUrls.join(' '))
  const save = useMutation(
    trpc.storage.setHttp.mutationOptions({
      onSuccess: (view) => queryClient.setQueryData(trpc.storage.http.queryKey(), view),
    }),
  )
  const wanted = { ...draft, publicUrls: urls.split(/\s+/).filter((url) => url !== '') }
  const read = storageHttpInput.safeParse(wanted)
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(start)
  const set = (change: Partial<StorageHttpSettings>) => setDraft({ ...draft, ...change })
  const limit = (name: keyof StorageHttpSettings['limits'], label: string) => (
    <NumberInput
      size="xs"
      label={label}
      value={draft.limits[name]}
      min={1}
      allowDecimal={false}
      onChange={(value) => set({ limits: { ...draft.limits, [name]: Number(value) } })}
    />
  )
  const problem = read.success ? null : read.error.issues[0]
  return (
    <div className={classes.registration}>
      <div className={classes.grid}>
        <TextInput
          size="xs"
          label="Listens on"
          description="127.0.0.1 for this machine, 0.0.0.0 for everybody"
          value={draft.host}
          maxLength={255}
          onChange={(event) => set({ host: event.currentTarget.value.trim() })}
        />
        <NumberInput
          size="xs"
          label="Port"
          description="0 for any free one"
          value={draft.port}
          min={0}
          max={65_535}
          allowDecimal={false}
          onChange={(value) => set({ port: Number(value) })}
        />
      </div>
      <TextInput
        size="xs"
        label="Public addresses"
        description="As others are to read them in the registry, behind a reverse proxy for instance; apart by spaces."
        placeholder="https://storage.example"
        value={urls}
        maxLength={8_192}
        onChange={(event) => setUrls(event.currentTarget.value)}
      />
      <div className={classes.grid}>
        {limit('requestsPerSecond', 'Requests a second, for one client')}
        {limit('burst', 'of which at once')}
        {limit('maxActive', 'Answered at the same time')}
        {limit('maxActivePerClient', 'of which for one client')}
      </div>
      <Checkbox
        size="xs"
        label="Refuse requests without a key"
        description="Streamr’s SDK sends none: its resend then does not work."
        checked={draft.requireApiKey}
        onChange={(event) => set({ requireApiKey: event.currentTarget.checked })}
      />
      <Checkbox
        size="xs"
        label="Count by the address a reverse proxy reports"
        description="Only behind a proxy of your own that sets X-Forwarded-For."
        checked={draft.trustForwardedFor}
        onChange={(event) => set({ trustForwardedFor: event.currentTarget.checked })}
      />
      {problem === null && save.error === null ? null : (
        <p role="alert" className={classes.problem}>
          {save.error === null ? (
            `${problem?.path.join('.')}: ${problem?.message}`
          ) : (
            <bdi>{errorViewOf(save.error).message}</bdi>
          )}
        </p>
      )}
      <div className={classes.actions}>
        <Button
          size="xs"
          loading={save.isPending}
          disabled={!read.success || !isChanged}
          onClick={() => read.success && save.mutate(read.data)}
        >
          Save for the next start
        </Button>
      </div>
    </div>
  )
}

function ApiKeyList({ names }: { names: string[] }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [name, setName] = useState('')
  const queryKey = trpc.storage.http.queryKey()
  const add = useMutation(
    trpc.storage.addApiKey.mutationOptions({
      onSuccess() {
        setName('')
        void queryClient.invalidateQueries({ queryKey })
      },
    }),
  )
  const remove = useMutation(
    trpc.storage.removeApiKey.mutationOptions({
      onSuccess: (view) => queryClient.setQueryData(queryKey, view),
    }),
  )
  return (
    <div className={classes.assignments}>
      <p>
        {names.length === 0
          ? 'No application has a key. '
          : 'These applications have a rate of their own, by their keys. '}
        <span className={classes.quiet}>A key is sent as “Authorization: Bearer KEY”.</span>
      </p>
      <ul className={classes.parts}>
        {names.map((one) => (
          <li key={one}>
            <bdi>{one}</bdi>
            <Button variant="subtle" size="compact-xs" onClick={() => remove.mutate({ name: one })}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
      {add.data === undefined ? null : (
        <p className={classes.urls} role="status">
          The key, shown this once: <bdi>{add.data.key}</bdi>{' '}
          <CopyButton value={add.data.key} what="the key" />
        </p>
      )}
      {add.error === null ? null : (
        <p role="alert" className={classes.problem}>
          <bdi>{errorViewOf(add.error).message}</bdi> <bdi>{errorViewOf(add.error).remedy}</bdi>
        </p>
      )}
      <div className={classes.actions}>
        <TextInput
          size="xs"
          aria-label="Name of an application"
          placeholder="Name of an application"
          value={name}
          maxLength={64}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          variant="default"
          size="xs"
          loading={add.isPending}
          disabled={!apiKeyNameInput.safeParse(name).success}
          onClick={() => add.mutate({ name: name.trim() })}
        >
          Make a key
        </Button>
      </div>
    </div>
  )
}
