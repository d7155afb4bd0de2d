import { Button, Checkbox, NumberInput, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { LogServerView } from '../../../shared/remote-log.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Problem } from './problem.tsx'
import classes from './remote-log.module.css'

/** Whether this node serves the logs in its data folder to others over HTTP. */
export function Serving() {
  const trpc = useTRPC()
  const server = useQuery(trpc.remoteLog.server.queryOptions())
  return (
    <section aria-labelledby="logs-served" className={classes.group}>
      <h2 id="logs-served">
        Serving <span>the logs in this node’s data folder, over HTTP</span>
      </h2>
      <div className={classes.frame}>
        {server.data === undefined ? (
          server.error ? (
            <ErrorState title="Whether logs are served is not known" error={errorViewOf(server.error)} />
          ) : (
            <LoadingState what="the server" />
          )
        ) : (
          <ServingForm server={server.data} />
        )}
      </div>
    </section>
  )
}

function ServingForm({ server }: { server: LogServerView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [host, setHost] = useState(server.settings?.host ?? '127.0.0.1')
  const [port, setPort] = useState<number | string>(server.settings?.port ?? 0)
  const [allowWriting, setAllowWriting] = useState(server.settings?.writeToken != null)
  const serve = useMutation(
    trpc.remoteLog.serve.mutationOptions({
      onSuccess: (view) => queryClient.setQueryData(trpc.remoteLog.server.queryKey(), view),
    }),
  )
  const { url, settings } = server
  const error = serve.error ? errorViewOf(serve.error) : server.problem
  return (
    <>
      {url === null ? null : (
        <div className={classes.mode}>
          <span>
            Served at <PlainText clip={false}>{url}</PlainText>
            <CopyButton value={url} what="the address" />
            {settings?.writeToken == null ? (
              ', for reading only'
            ) : (
              <>
                ; others write with a token
                <CopyButton value={settings.writeToken} what="the token" />
              </>
            )}
          </span>
          <Button variant="default" size="xs" loading={serve.isPending} onClick={() => serve.mutate(null)}>
            Stop serving
          </Button>
        </div>
      )}
      {url !== null ? null : (
        <form
          className={`${classes.mode} ${classes.serve}`}
          onSubmit={(event) => {
            event.preventDefault()
            serve.mutate({ host: host.trim(), port: Number(port), allowWriting })
          }}
        >
          <span>Listen on</span>
          <TextInput
            size="xs"
            aria-label="Address to listen on"
            value={host}
            maxLength={255}
            onChange={(event) => setHost(event.currentTarget.value)}
          />
          <NumberInput
            size="xs"
            aria-label="Port, 0 for any free one"
            prefix="port "
            suffix={Number(port) === 0 ? ' (any free one)' : ''}
            w={170}
            min={0}
            max={65_535}
            allowDecimal={false}
            value={port}
            onChange={setPort}
          />
          <Checkbox
            size="xs"
            label="Let others write, with a token"
            checked={allowWriting}
            onChange={(event) => setAllowWriting(event.currentTarget.checked)}
          />
          <Button type="submit" variant="default" size="xs" loading={serve.isPending}>
            Serve
          </Button>
        </form>
      )}
      {error == null ? null : <Problem error={error} />}
    </>
  )
}
