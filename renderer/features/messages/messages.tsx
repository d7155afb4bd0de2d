import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconDownload } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { FieldSummary } from '../../../shared/chart.ts'
import { messageKeyOf } from '../../api/message-key.ts'
import type { MessageList } from '../../api/message-list.ts'
import { useTRPC } from '../../api/provider.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { useNow } from '../../ui/ticker.ts'
import { useSchemaJudge } from '../../ui/use-schema-judge.ts'
import { useView, type ViewHandle } from '../../ui/use-view.ts'
import { fieldColumn } from './columns.ts'
import { DensityRail } from './density-rail.tsx'
import { ExportDialog } from './export-dialog.tsx'
import { MessageTable } from './message-table.tsx'
import { MessageToolbar } from './message-toolbar.tsx'
import classes from './messages.module.css'
import { ProofMenu } from './proof-menu.tsx'
import { SearchProgress } from './search-progress.tsx'
import { type ListHandle, useMessageList } from './use-message-list.ts'

const TYPING_MS = 250
const RAIL_STEP_MS = 5_000

function useColumns(view: ViewHandle['view'], fields: readonly FieldSummary[] | undefined, schema: unknown) {
  const key = view.columns?.join('\n') ?? null
  // biome-ignore lint/correctness/useExhaustiveDependencies: values tick, the kinds of fields do not
  return useMemo(
    () =>
      (view.columns ?? []).map((path) =>
        fieldColumn(path, schema, fields?.find((field) => field.path === path)?.kind === 'number'),
      ),
    [key, schema, fields === undefined],
  )
}

/** What the search has to look through in all; null while that is not known. */
function useTotal({ filter, isSearch }: ListHandle): number | null {
  const trpc = useTRPC()
  const { part, from, to, verdicts, publisher } = filter
  // Counted up to the moment the list was made: news come on top of it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: one moment for each list
  const until = useMemo(() => to ?? Date.now(), [filter])
  const count = useQuery(
    trpc.messages.count.queryOptions(
      { part, from, to: until, ...(verdicts.length === 0 ? {} : { verdicts: [...verdicts] }) },
      { enabled: isSearch && publisher === null },
    ),
  )
  return isSearch && publisher === null ? (count.data ?? null) : null
}

/** Every message of a stream part over a range of any length, newest first. */
export function Messages({ part }: { part: string }) {
  const trpc = useTRPC()
  const { view, update } = useView()
  const [text] = useDebouncedValue(view.text, TYPING_MS)
  const handle = useMessageList(part, view, text)
  const { list, state, filter, isSearch } = handle
  const total = useTotal(handle)
  const [isAtTop, setIsAtTop] = useState(true)
  const [isExporting, setIsExporting] = useState(false)
  const [visible, setVisible] = useState<{ newest: number; oldest: number } | null>(null)
  const fields = useQuery(trpc.chart.fields.queryOptions({ part }))
  const details = useQuery(trpc.streams.details.queryOptions({ part }))
  const streams = useQuery(trpc.streams.list.queryOptions())
  const firstTimestamp = streams.data?.find((stream) => stream.part === part)?.firstTimestamp
  const schema = details.data?.metadata.schema
  const columns = useColumns(view, fields.data, schema)
  const judge = useSchemaJudge(schema)

  // The end of a live range moves in steps: each is a question to the node.
  const until = Math.ceil(useNow() / RAIL_STEP_MS) * RAIL_STEP_MS
  const isLive = view.range.kind === 'live'
  useEffect(() => list.setFollow(isLive && isAtTop), [list, isLive, isAtTop])

  useShortcuts([
    {
      id: 'export-messages',
      keys: ['x'],
      label: 'Export what is listed',
      group: 'Messages',
      run: () => setIsExporting(true),
    },
    {
      id: 'message-changes',
      keys: ['d'],
      label: 'What changed since the message before',
      group: 'Messages',
      run: () => update({ changes: !view.changes }),
    },
    {
      id: 'newest-message',
      keys: ['l'],
      label: 'To the newest',
      group: 'Messages',
      run: list.reload,
    },
  ])
  const isFiltered = isSearch || view.publisher !== null || view.verdicts.length > 0 || view.marks.length > 0
  const { isPaused } = state
  const onEnd = useCallback(
    (end: 'older' | 'newer') => {
      if (isPaused) return
      void (end === 'older' ? list.loadOlder() : list.loadNewer())
    },
    [list, isPaused],
  )
  return (
    <div className={classes.messages}>
      <MessageToolbar
        view={view}
        update={update}
        publishers={details.data?.publishers ?? []}
        fields={fields.data ?? []}
        schema={schema}
        follow={isLive && isAtTop && !state.hasNewer ? 'following' : isLive ? 'held' : 'past'}
        progress={
          <SearchProgress
            state={state}
            isSearch={isSearch}
            total={total}
            onPause={list.pause}
            onResume={list.resume}
          />
        }
      >
        <Button
          size="xs"
          variant="default"
          className={classes.columns ?? ''}
          leftSection={<IconDownload size={14} />}
          onClick={() => setIsExporting(true)}
        >
          Export
        </Button>
        <ProofMenu part={part} view={view} rows={state.rows} />
      </MessageToolbar>
      <ExportDialog
        opened={isExporting}
        onClose={() => setIsExporting(false)}
        filter={filter}
        columns={view.columns}
      />
      <div className={classes.bar}>
        {isSearch && state.isLoading && total !== null && total > 0 ? (
          <span style={{ width: `${Math.min(100, (state.scanned / total) * 100)}%` }} />
        ) : null}
      </div>
      {state.error !== null && state.rows.length === 0 ? (
        <ErrorState title="The messages could not be read" error={state.error} onRetry={list.reload} />
      ) : (
        <div className={classes.table}>
          <div className={classes.rows}>
            {state.rows.length > 0 ? (
              <MessageTable
                rows={state.rows}
                columns={columns}
                judge={judge}
                open={view.message}
                unseen={state.unseen}
                hasNewer={state.hasNewer}
                goal={state.goal}
                asChanges={view.changes}
                isFiltered={isFiltered}
                onTop={setIsAtTop}
                onEnd={onEnd}
                onGo={(end) => (end === 'newest' ? list.reload() : void list.jump(filter.from))}
                onVisible={setVisible}
                onOpen={(row) => update({ message: messageKeyOf(row) })}
              />
            ) : state.isLoading ? (
              <LoadingState what="messages" />
            ) : (
              <NoMessages list={list} isPaused={isPaused} isFiltered={isFiltered} update={update} />
            )}
          </div>
          <DensityRail
            part={part}
            from={Math.max(filter.from, firstTimestamp ?? filter.from)}
            to={filter.to ?? until}
            visible={state.rows.length === 0 ? null : visible}
            onJump={(at) => void list.jump(at)}
          />
        </div>
      )}
    </div>
  )
}

interface NoMessagesProps {
  list: MessageList
  isPaused: boolean
  isFiltered: boolean
  update: ViewHandle['update']
}

function NoMessages({ list, isPaused, isFiltered, update }: NoMessagesProps) {
  if (isPaused) {
    return (
      <EmptyState title="Nothing found so far" action={<Button onClick={list.resume}>Search on</Button>}>
        The search was stopped before it had looked through the whole range.
      </EmptyState>
    )
  }
  if (!isFiltered) {
    return (
      <EmptyState title="No messages here">
        Nothing was stored in this stretch of time. Choose a longer one at the top.
      </EmptyState>
    )
  }
  const clear = () => update({ text: '', conditions: [], publisher: null, verdicts: [], marks: [] })
  return (
    <EmptyState
      title="No messages here"
      action={
        <Button variant="default" onClick={clear}>
          Clear all filters
        </Button>
      }
    >
      Nothing in this stretch of time passes the filters. Loosen them, or choose a longer time at the top.
    </EmptyState>
  )
}
