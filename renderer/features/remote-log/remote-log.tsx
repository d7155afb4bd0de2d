import { Button, Group } from '@mantine/core'
import { IconCloudUpload, IconHistory } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useSearch } from 'wouter'
import { isLogLinkDamaged, readLogPlace } from '../../../shared/log-link.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Page } from '../../ui/page.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Backups } from './backups.tsx'
import { FollowedTable } from './followed-table.tsx'
import { PageInspection } from './page-inspection.tsx'
import { PairedNodes } from './paired-nodes.tsx'
import { Problem } from './problem.tsx'
import { PublishDialog } from './publish-dialog.tsx'
import { PublishedTable } from './published-table.tsx'
import { ReadDialog } from './read-dialog.tsx'
import classes from './remote-log.module.css'
import { Serving } from './serving.tsx'
import { Summary } from './summary.tsx'

/** Figures tick while the page is looked at. */
const REFRESH_MS = 2_000

/** Says of a link that it does not lead where it was meant to. */
function DamagedLink({ leadsToLog }: { leadsToLog: boolean }) {
  return (
    <div className={classes.frame} role="alert">
      <Problem
        error={{
          code: 'invalid-input',
          message: leadsToLog
            ? 'The link names a page or a message in a way that cannot be read. Below is what its name leads to.'
            : 'The link names no log that can be read.',
          remedy:
            'It may have been cut when it was sent: ask for it again, or open the log by its name under “Restore or follow”.',
        }}
      />
    </div>
  )
}

/** Logs published and read, who serves them, and the nodes kept in step. */
export function RemoteLog() {
  const trpc = useTRPC()
  const search = useSearch()
  const [isPublishing, setPublishing] = useState(false)
  const [isReading, setReading] = useState(false)
  const logs = useQuery(trpc.remoteLog.list.queryOptions(undefined, { refetchInterval: REFRESH_MS }))
  // All that the page shows is waited for together: parts that come one by one would push each other about.
  const parts = [
    useQuery(trpc.remoteLog.paired.queryOptions()),
    useQuery(trpc.remoteLog.backups.queryOptions()),
    useQuery(trpc.remoteLog.server.queryOptions()),
  ]
  const place = readLogPlace(search)
  if (logs.data === undefined || parts.some(({ isPending }) => isPending)) {
    return logs.error ? (
      <ErrorState
        title="The logs could not be listed"
        error={errorViewOf(logs.error)}
        onRetry={() => void logs.refetch()}
      />
    ) : (
      <LoadingState what="the logs" />
    )
  }
  const { published, followed } = logs.data
  const buttons = (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconHistory size={15} />} onClick={() => setReading(true)}>
        Restore or follow
      </Button>
      <Button leftSection={<IconCloudUpload size={15} />} onClick={() => setPublishing(true)}>
        Publish a stream
      </Button>
    </Group>
  )
  const isEmpty = published.length === 0 && followed.length === 0
  return (
    <Page>
      <div className={classes.head}>
        <Summary published={published} followed={followed} />
        {isEmpty ? null : buttons}
      </div>
      {isLogLinkDamaged(search) ? <DamagedLink leadsToLog={place !== null} /> : null}
      {place === null ? null : <PageInspection place={place} />}
      {isEmpty && place === null ? (
        <EmptyState title="No logs yet" action={buttons}>
          A log keeps the whole history of a stream under one name, where others can read it while this node
          is off, and from where it can be restored. This node publishes none and reads none.
        </EmptyState>
      ) : null}
      {published.length > 0 ? <PublishedTable logs={published} /> : null}
      {followed.length > 0 ? <FollowedTable logs={followed} /> : null}
      <PairedNodes />
      <Backups />
      <Serving />
      <PublishDialog opened={isPublishing} onClose={() => setPublishing(false)} />
      <ReadDialog opened={isReading} onClose={() => setReading(false)} />
    </Page>
  )
}
