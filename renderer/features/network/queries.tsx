import { Button, Select, Switch } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import classes from './network.module.css'
import { QueryCard } from './query-card.tsx'
import { useQueryRun } from './use-query-run.ts'

const HOUR_MS = 3_600_000
const REACHES = [
  { value: String(HOUR_MS), label: 'The last hour' },
  { value: String(24 * HOUR_MS), label: 'The last day' },
  { value: String(168 * HOUR_MS), label: 'The last week' },
  { value: 'all', label: 'All there is' },
]

/** Asks all nodes for a stream and shows how the question moves through them. */
export function Queries({ part, isKept }: { part: string; isKept: boolean }) {
  const trpc = useTRPC()
  const client = useQueryClient()
  const [reach, setReach] = useState(String(HOUR_MS))
  const run = useQueryRun()
  const list = useQuery(
    trpc.network.queries.queryOptions(undefined, { refetchInterval: run.isRunning ? 400 : 3_000 }),
  )
  const { refetch } = list
  // Its last state is shown at once, not at the next look.
  useEffect(() => {
    if (!run.isRunning) void refetch()
  }, [run.isRunning, refetch])
  const keep = useMutation(
    trpc.network.setKept.mutationOptions({
      onSuccess: () => client.invalidateQueries({ queryKey: trpc.network.self.queryKey() }),
    }),
  )
  const problem = run.error ?? keep.error
  return (
    <section className={classes.panel} aria-labelledby="network-queries">
      <div className={classes.head}>
        <h2 id="network-queries">Ask all nodes</h2>
        <Select
          aria-label="How far back"
          size="xs"
          w={150}
          data={REACHES}
          value={reach}
          onChange={(value) => setReach(value ?? reach)}
          allowDeselect={false}
        />
        <Switch
          size="xs"
          label="Keep what others bring of this stream"
          checked={keep.isPending ? keep.variables.isKept : isKept}
          onChange={(event) => keep.mutate({ part, isKept: event.currentTarget.checked })}
        />
        {run.isRunning ? (
          <Button size="xs" variant="default" onClick={run.stop}>
            Stop
          </Button>
        ) : (
          <Button
            size="xs"
            onClick={() => run.start(part, reach === 'all' ? undefined : Date.now() - Number(reach))}
          >
            Ask
          </Button>
        )}
      </div>
      {problem ? (
        <p className={classes.error} role="alert">
          <bdi>{errorViewOf(problem).message}</bdi> <bdi>{errorViewOf(problem).remedy}</bdi>
        </p>
      ) : null}
      {list.data === undefined || list.data.length === 0 ? (
        <p className={classes.sub}>
          No query over all nodes has run since the start. Each one that runs, from here or by command, is
          shown with what every peer brought.
        </p>
      ) : (
        list.data.map((query) => <QueryCard key={query.id} query={query} />)
      )}
    </section>
  )
}
