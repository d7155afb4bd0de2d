import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { formatCount } from '../../../shared/format/quantity.ts'
import { messageKeyOf } from '../../api/message-key.ts'
import { MAX_ROWS } from '../../api/message-list.ts'
import { useTRPC } from '../../api/provider.tsx'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useView } from '../../ui/use-view.ts'
import { fieldColumn } from './columns.ts'
import { matchRows } from './match-text.ts'
import { MessageTable } from './message-table.tsx'
import { MessageToolbar } from './message-toolbar.tsx'
import classes from './messages.module.css'
import { ProofMenu } from './proof-menu.tsx'
import { useMessageList } from './use-message-list.ts'

const TYPING_MS = 200
/** A text is looked for in older messages until so many are found; scrolling looks for more. */
const ENOUGH_MATCHES = 60

/** Every message of a stream part over a range, newest first. */
export function Messages({ part }: { part: string }) {
  const trpc = useTRPC()
  const { view, update } = useView()
  const { list, state } = useMessageList(part, view)
  const [isAtTop, setIsAtTop] = useState(true)
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }))
  const details = useQuery(trpc.streams.details.queryOptions({ part }))
  const schema = details.data?.metadata.schema
  const [text] = useDebouncedValue(view.text, TYPING_MS)
  const rows = useMemo(() => matchRows(state.rows, text), [state.rows, text])

  const isLive = view.range.kind === 'live'
  useEffect(() => list.setFollow(isLive && isAtTop), [list, isLive, isAtTop])

  const isSearching =
    text.trim() !== '' && rows.length < ENOUGH_MATCHES && state.hasMore && state.rows.length < MAX_ROWS
  useEffect(() => {
    if (isSearching && !state.isLoading && state.error === null) void list.loadOlder()
  }, [isSearching, state.isLoading, state.error, list])

  const kinds = fields.data
  const columnsKey = view.columns?.join('\n') ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: values tick, the kinds of fields do not
  const columns = useMemo(
    () =>
      (view.columns ?? []).map((path) =>
        fieldColumn(path, schema, kinds?.find((field) => field.path === path)?.kind === 'number'),
      ),
    [columnsKey, schema, kinds === undefined],
  )

  const progress = isSearching
    ? `Searched ${formatCount(state.rows.length)} messages…`
    : state.rows.length >= MAX_ROWS
      ? `The newest ${formatCount(MAX_ROWS)} of this range; narrow it to see older ones.`
      : `${formatCount(rows.length)}${state.hasMore ? '+' : ''} message${rows.length === 1 ? '' : 's'}`

  return (
    <div className={classes.messages}>
      <MessageToolbar
        view={view}
        update={update}
        publishers={details.data?.publishers ?? []}
        fields={fields.data ?? []}
        schema={schema}
        follow={isLive && isAtTop ? 'following' : isLive ? 'held' : 'past'}
        progress={progress}
        actions={<ProofMenu part={part} view={view} rows={rows} />}
      />
      {state.error !== null && state.rows.length === 0 ? (
        <ErrorState title="The messages could not be read" error={state.error} onRetry={list.reload} />
      ) : rows.length === 0 && (state.isLoading || isSearching) ? (
        <LoadingState what="messages" />
      ) : rows.length === 0 ? (
        <EmptyState title="No messages here">
          {text !== '' || view.publisher !== null || view.verdicts.length > 0
            ? 'Nothing in this stretch of time passes the filters. Loosen them, or choose a longer time at the top.'
            : 'Nothing was stored in this stretch of time. Choose a longer one at the top.'}
        </EmptyState>
      ) : (
        <MessageTable
          rows={rows}
          columns={columns}
          open={view.message}
          unseen={state.unseen}
          onTop={setIsAtTop}
          onEnd={() => void list.loadOlder()}
          onOpen={(row) => update({ message: messageKeyOf(row) })}
        />
      )}
    </div>
  )
}
