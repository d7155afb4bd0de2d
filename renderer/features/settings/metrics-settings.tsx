import { Button, Checkbox } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { MetricsAccessView } from '../../../shared/node-status.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import classes from './metrics-settings.module.css'
import settings from './settings.module.css'
import forms from './storage-settings.module.css'

/** A scrape job for Prometheus that reads the token from its file. */
function scrapeJob(file: string): string {
  const isWeb = window.location.protocol.startsWith('http')
  const target = isWeb ? window.location.host : '127.0.0.1:PORT'
  return [
    'scrape_configs:',
    '  - job_name: tidemark',
    '    authorization:',
    `      credentials_file: ${JSON.stringify(file)}`,
    '    static_configs:',
    `      - targets: [${JSON.stringify(target)}]`,
  ].join('\n')
}

/** Who may read the node's own metrics, and how a scraper is told. */
export function MetricsSettings() {
  const trpc = useTRPC()
  const view = useQuery(trpc.node.metrics.queryOptions())
  return (
    <section className={settings.group} aria-labelledby="settings-metrics">
      <h2 id="settings-metrics">Metrics for Prometheus</h2>
      {view.data !== undefined ? (
        <div className={settings.card}>
          <Access view={view.data} />
        </div>
      ) : view.error !== null ? (
        <ErrorState title="Who may read the metrics cannot be shown" error={errorViewOf(view.error)} />
      ) : (
        <LoadingState what="who may read the metrics" />
      )}
    </section>
  )
}

function Access({ view }: { view: MetricsAccessView }) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [isAsking, setIsAsking] = useState(false)
  const onSuccess = (next: MetricsAccessView): void => {
    queryClient.setQueryData(trpc.node.metrics.queryKey(), next)
    setIsAsking(false)
  }
  const open = useMutation(trpc.node.openMetrics.mutationOptions({ onSuccess }))
  const rotate = useMutation(trpc.node.rotateMetricsToken.mutationOptions({ onSuccess }))
  const job = scrapeJob(view.file)
  const error = open.error ?? rotate.error
  return (
    <div className={classes.access}>
      <p>
        <code>GET /metrics</code> says how this node fares, in Prometheus’ text format.{' '}
        <span className={forms.quiet}>
          The token opens nothing else, stays the same over restarts, and lies in a file that only you can
          read.
        </span>
      </p>
      <dl>
        <div>
          <dt>Token</dt>
          <dd>
            <bdi>{`${view.token.slice(0, 6)}…`}</bdi>
            <CopyButton value={view.token} what="the token" />
          </dd>
        </div>
        <div>
          <dt>Its file</dt>
          <dd>
            <bdi>{view.file}</bdi>
            <CopyButton value={view.file} what="the path" />
          </dd>
        </div>
        <div>
          <dt>Scrape job</dt>
          <dd>
            <pre className={classes.job}>{job}</pre>
            <CopyButton value={job} what="the scrape job" />
          </dd>
        </div>
      </dl>
      <Checkbox
        size="xs"
        label="Whoever is on this machine may read them without the token"
        checked={view.isOpen}
        disabled={open.isPending}
        onChange={(event) => open.mutate({ isOpen: event.currentTarget.checked })}
      />
      {error === null ? null : (
        <p role="alert" className={forms.problem}>
          <bdi>{errorViewOf(error).message}</bdi> <bdi>{errorViewOf(error).remedy}</bdi>
        </p>
      )}
      <div className={forms.actions}>
        <Button variant="default" size="xs" onClick={() => setIsAsking(true)}>
          Replace the token
        </Button>
      </div>
      <Dialog opened={isAsking} onClose={() => setIsAsking(false)} title="Replace the token of the metrics?">
        <p>
          Scrapers that were given the present one are refused from then on. Those that read the file go on.
        </p>
        <div className={forms.actions}>
          <Button variant="default" size="xs" onClick={() => setIsAsking(false)}>
            Keep it
          </Button>
          <Button size="xs" loading={rotate.isPending} onClick={() => rotate.mutate()}>
            Replace
          </Button>
        </div>
      </Dialog>
    </div>
  )
}
