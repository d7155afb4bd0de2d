import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { formatCount, formatSize } from '../../../shared/format/quantity.ts'
import { type LogPlace, logLink, logPath } from '../../../shared/log-link.ts'
import { streamPartId } from '../../../shared/message.ts'
import { keeperText, type PageEntryView, type PageView } from '../../../shared/remote-log.ts'
import { DEFAULT_VIEW, encodeView } from '../../../shared/view-link.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { PlainText } from '../../ui/plain-text.tsx'
import { ShortId } from '../../ui/short-id.tsx'
import { ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { Time } from '../../ui/time.tsx'
import classes from './remote-log.module.css'

/** A head is asked for anew this often; pages never change. */
const HEAD_REFRESH_MS = 5_000

/** The head a name leads to, or one page: what a link into a log opens. */
export function PageInspection({ place }: { place: LogPlace }) {
  const trpc = useTRPC()
  const { ref, page: address } = place
  const page = useQuery(
    trpc.remoteLog.inspect.queryOptions(
      { ...ref, address },
      { refetchInterval: address === null ? HEAD_REFRESH_MS : false, staleTime: HEAD_REFRESH_MS },
    ),
  )
  return (
    <section aria-labelledby="log-page" className={classes.group}>
      <div className={classes.pageHead}>
        <h2 id="log-page">
          {address === null ? 'Head' : 'Page'} of <PlainText>{ref.name}</PlainText>
        </h2>
        <span className={classes.keeper}>
          <PlainText>{keeperText(ref.keeper)}</PlainText>
        </span>
        <CopyButton value={logLink(place)} what="a link to this place" />
        <Button component={Link} href="/remote-log" variant="subtle" color="gray" size="compact-sm">
          Close
        </Button>
      </div>
      <div className={classes.frame}>
        {page.data === undefined ? (
          page.error ? (
            <ErrorState
              title="This page cannot be had"
              error={errorViewOf(page.error)}
              onRetry={() => void page.refetch()}
            />
          ) : (
            <LoadingState what={address === null ? 'the head' : 'the page'} />
          )
        ) : (
          <PageContent page={page.data} place={place} />
        )}
      </div>
    </section>
  )
}

const COLUMNS: readonly Column<PageEntryView>[] = [
  {
    title: 'Message',
    cell: ({ message }) => <ShortId id={message} what="MVDS id of the message" head={8} tail={6} />,
  },
  { title: 'Time', cell: ({ id }) => (id === null ? 'in its own block' : <Evidence id={id} />) },
  {
    title: 'Publisher',
    cell: ({ id }) => (id === null ? null : <ShortId id={id.publisher} what="publisher" />),
  },
  {
    title: 'Content',
    isQuiet: true,
    cell: ({ isEmbedded, sizeBytes, address }) =>
      isEmbedded ? (
        `embedded, ${formatSize(sizeBytes ?? 0)}`
      ) : address === null ? null : (
        <ShortId id={address} what="address of the message" head={8} tail={6} />
      ),
  },
]

function PageContent({ page, place }: { page: PageView; place: LogPlace }) {
  const { ref, entry: wanted } = place
  return (
    <>
      <p className={classes.pageFacts}>
        <ShortId id={page.address} what="address of the page" head={10} tail={8} />,{' '}
        {formatSize(page.sizeBytes)}, {formatCount(page.entries.length)} messages.{' '}
        {page.tail === null ? (
          'No page before it.'
        ) : (
          <>
            Before it: <Link href={logPath({ ref, page: page.tail, entry: null })}>the page before</Link>.
          </>
        )}
        {page.cas.length === 0 ? null : (
          <>
            {' '}
            Content at <PlainText clip={false}>{page.cas.join(', ')}</PlainText>.
          </>
        )}
      </p>
      {wanted !== null && page.entries.every(({ message }) => message !== wanted) ? (
        <p className={classes.pageFacts} role="status">
          The message of the link is not on this page.{' '}
          {page.tail === null ? (
            'No page before it is left to look on.'
          ) : (
            <>
              Messages move from the head to pages as the log grows: look on{' '}
              <Link href={logPath({ ref, page: page.tail, entry: wanted })}>the page before</Link>.
            </>
          )}
        </p>
      ) : null}
      <div className={classes.entries}>
        <DataTable
          columns={COLUMNS}
          rows={page.entries}
          keyOf={({ message }) => message}
          label="Messages it names, newest first"
          isMarked={({ message }) => message === wanted}
          maxHeightPx={420}
          minWidthPx={720}
        />
      </div>
    </>
  )
}

/** The message's time, which leads to its evidence where this node holds it. */
function Evidence({ id }: { id: NonNullable<PageEntryView['id']> }) {
  const part = streamPartId(id.streamId, id.partition)
  const { timestamp, sequence, publisher, chain } = id
  const view = {
    ...DEFAULT_VIEW,
    part,
    message: { part, timestamp, sequence, publisher, chain, digest: null },
  }
  return (
    <Link href={`/messages?${encodeView(view)}`}>
      <Time at={timestamp} />
    </Link>
  )
}
