import { Alert, Button, Group, Loader, NumberInput, TextInput, UnstyledButton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import { useLocation } from 'wouter'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import { parseStreamPartId } from '../../../shared/message.ts'
import type { StreamSearchResult } from '../../../shared/stream.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { dialogStore } from '../../ui/dialogs.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import { linkTo } from '../../ui/use-view.ts'
import { type SearchState, wordsOfSearch } from './search-words.ts'
import classes from './subscribe-dialog.module.css'

const SEARCH_DELAY_MS = 250
/** While the registry is out of reach it is asked again so often. */
const ASK_AGAIN_MS = 5_000
const MAX_TERM_LENGTH = 256

/** What was typed as an id, with the partition that a pasted `streamId#partition` carries. */
export function readStreamId(text: string): { streamId: string; partition: number | null } {
  const trimmed = text.trim()
  try {
    return parseStreamPartId(trimmed)
  } catch {
    return { streamId: trimmed, partition: null }
  }
}

export function SubscribeDialog() {
  const opened = useExternalStore(dialogStore) === 'subscribe'
  const close = () => dialogStore.set(null)
  return (
    <Dialog opened={opened} onClose={close} title="Subscribe to a stream" widthPx={560}>
      <SubscribeForm onDone={close} />
    </Dialog>
  )
}

function SubscribeForm({ onDone }: { onDone: () => void }) {
  const trpc = useTRPC()
  const [, go] = useLocation()
  const [text, setText] = useState('')
  const [partition, setPartition] = useState<number | string>(0)
  const [term] = useDebouncedValue(text.trim().slice(0, MAX_TERM_LENGTH), SEARCH_DELAY_MS)
  const search = useQuery(
    trpc.streams.search.queryOptions(
      { term },
      {
        placeholderData: keepPreviousData,
        refetchInterval: ({ state }) => (state.data?.limits ? ASK_AGAIN_MS : false),
      },
    ),
  )
  // What was found while the chain was in reach says nothing once it is not, and the other way round.
  const status = useQuery(trpc.node.status.queryOptions())
  const isReachable = status.data?.chain.reachable
  const { refetch } = search
  useEffect(() => {
    if (isReachable !== undefined) void refetch({ cancelRefetch: false })
  }, [isReachable, refetch])
  const subscribe = useMutation(
    trpc.streams.subscribe.mutationOptions({
      onSuccess({ part }) {
        onDone()
        go(linkTo('workspace', { part }))
      },
    }),
  )
  const wanted = readStreamId(text)

  function submit(event: FormEvent): void {
    event.preventDefault()
    if (wanted.streamId === '') return
    subscribe.mutate({ streamId: wanted.streamId, partition: wanted.partition ?? Number(partition) })
  }

  const error = subscribe.error ? errorViewOf(subscribe.error) : null
  return (
    <form onSubmit={submit} className={classes.form}>
      <div className={classes.inputs}>
        <TextInput
          label="Stream id, or a part of its name"
          placeholder="0x…/path"
          value={text}
          maxLength={1_028}
          onChange={(event) => {
            setText(event.currentTarget.value)
            subscribe.reset()
          }}
          leftSection={<IconSearch size={15} />}
          data-autofocus
          spellCheck={false}
          autoComplete="off"
        />
        <NumberInput
          label="Partition"
          value={wanted.partition ?? partition}
          onChange={setPartition}
          disabled={wanted.partition !== null}
          min={0}
          max={99}
          allowDecimal={false}
          allowNegative={false}
        />
      </div>
      {error ? (
        <Alert
          color="danger"
          variant="outline"
          icon={<IconAlertTriangle size={17} />}
          role="alert"
          className={classes.error}
        >
          <bdi>{error.message}</bdi>
          <div className={classes.remedy}>
            <bdi>{error.remedy}</bdi>
          </div>
        </Alert>
      ) : null}
      <Hits
        found={search.data ?? NOTHING}
        state={search.isFetching ? 'searching' : search.error ? 'failed' : 'done'}
        chosen={wanted.streamId}
        onChoose={(id) => {
          setText(id)
          subscribe.reset()
        }}
      />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={subscribe.isPending} disabled={wanted.streamId === ''}>
          Subscribe
        </Button>
      </Group>
    </form>
  )
}

const NOTHING: StreamSearchResult = { hits: [], limits: null }

interface HitsProps {
  found: StreamSearchResult
  state: SearchState
  chosen: string
  onChoose(id: string): void
}

function Hits({ found, state, chosen, onChoose }: HitsProps) {
  const { hits, limits } = found
  return (
    <section aria-label="Streams found" className={classes.hits}>
      <div className={classes.hitsTitle} role="status">
        {wordsOfSearch(found, state)}
        {state === 'searching' ? <Loader size={12} /> : null}
      </div>
      {limits === null || state === 'failed' ? null : (
        <p className={classes.limits}>
          <bdi>{limits}</bdi> Streams that are kept go on, and the search works again by itself once the
          network is back. Settings has the endpoints.
        </p>
      )}
      <ul className={classes.list}>
        {hits.map((hit) => (
          <li key={hit.id}>
            <UnstyledButton
              className={classes.hit}
              data-chosen={hit.id === chosen || undefined}
              onClick={() => onChoose(hit.id)}
            >
              <PlainText>{hit.description || hit.id.replace(/^[^/]+\//, '')}</PlainText>
              <span className={classes.id}>{shortenMiddle(visibleText(hit.id), 22, 34)}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  )
}
