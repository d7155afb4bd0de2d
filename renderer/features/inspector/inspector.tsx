import { ActionIcon, Tooltip } from '@mantine/core'
import { IconPin, IconPinFilled, IconX } from '@tabler/icons-react'
import { skipToken, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { Link } from 'wouter'
import type { MessageKey } from '../../../shared/view-link.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { messageIdOf, messageKeyOf } from '../../api/message-key.ts'
import { useTRPC } from '../../api/provider.tsx'
import { useExternalStore } from '../../ui/external-store.ts'
import { inspectorPinnedStore, inspectorWidthStore } from '../../ui/preferences.ts'
import { ResizeHandle } from '../../ui/resize-handle.tsx'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { EmptyState, ErrorState, LoadingState } from '../../ui/state-views.tsx'
import { linkTo, useView } from '../../ui/use-view.ts'
import classes from './inspector.module.css'
import { MessageInspectionView } from './message-inspection.tsx'

/** So far to each side one looks for a message that is not where a link says. */
const AROUND_MS = 60_000
const MIN_WIDTH_PX = 320
const MAX_WIDTH_PX = 760

/** All there is to know about one message. Opens beside the screen when a message is in the address. */
export function Inspector() {
  const { view, inspect } = useView()
  const isPinned = useExternalStore(inspectorPinnedStore)
  const width = useExternalStore(inspectorWidthStore)
  const last = useRef<MessageKey | null>(null)
  if (view.message !== null) last.current = view.message
  const isOpen = view.message !== null || isPinned

  const close = () => {
    inspectorPinnedStore.set(false)
    inspect(null)
  }
  useShortcuts([
    {
      id: 'toggle-inspector',
      keys: ['i'],
      label: 'Open or close the inspector',
      group: 'Inspector',
      run: () => (isOpen ? close() : last.current !== null && inspect(last.current)),
    },
    {
      id: 'close-inspector',
      keys: ['Escape'],
      label: 'Close it, unless it is pinned',
      group: 'Inspector',
      run: () => !isPinned && inspect(null),
    },
  ])
  if (!isOpen) return null
  return (
    <aside className={classes.inspector} style={{ width }} aria-label="Inspector">
      <ResizeHandle
        label="Width of the inspector"
        value={width}
        min={MIN_WIDTH_PX}
        max={MAX_WIDTH_PX}
        onChange={inspectorWidthStore.set}
      />
      <header className={classes.header}>
        <h2>Inspector</h2>
        <Tooltip label={isPinned ? 'Unpin' : 'Pin: stays open'}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Pin the inspector"
            aria-pressed={isPinned}
            onClick={() => inspectorPinnedStore.set(!isPinned)}
          >
            {isPinned ? <IconPinFilled size={16} /> : <IconPin size={16} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Close (Esc)">
          <ActionIcon variant="subtle" color="gray" aria-label="Close the inspector" onClick={close}>
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      </header>
      <div className={classes.body}>
        {view.message === null ? (
          <EmptyState title="No message chosen">
            Click a point on a chart or a row of the messages, and its evidence stands here.
          </EmptyState>
        ) : (
          <InspectedMessage message={view.message} onOpen={inspect} />
        )}
      </div>
    </aside>
  )
}

function InspectedMessage({ message, onOpen }: { message: MessageKey; onOpen(message: MessageKey): void }) {
  const trpc = useTRPC()
  const isReadable = /^.+#\d{1,2}$/su.test(message.part)
  const id = isReadable ? messageIdOf(message) : null
  const input = id === null ? skipToken : message.digest === null ? { id } : { id, digest: message.digest }
  const inspection = useQuery(
    trpc.messages.inspect.queryOptions(input, {
      // A verdict may still be decided, and the next message of the chain may still come.
      staleTime: 2_000,
      refetchInterval: (query) =>
        query.state.data?.verdict === 'pending' || query.state.data?.chain.next === null ? 3_000 : false,
      placeholderData: (before) => before,
    }),
  )
  // A passing failure to read it again takes nothing away from what is known.
  if (inspection.error && (inspection.data === undefined || inspection.isPlaceholderData)) {
    return (
      <ErrorState
        title="This message cannot be shown"
        error={errorViewOf(inspection.error)}
        onRetry={() => void inspection.refetch()}
        action={
          <Link
            href={linkTo('messages', {
              part: message.part,
              range: {
                kind: 'fixed',
                from: Math.max(0, message.timestamp - AROUND_MS),
                to: message.timestamp + AROUND_MS,
              },
            })}
          >
            What is stored around its time
          </Link>
        }
      />
    )
  }
  if (inspection.data === undefined) return <LoadingState what="the evidence" />
  return (
    <MessageInspectionView
      inspection={inspection.data}
      isBehind={inspection.isPlaceholderData}
      onOpen={(next) => onOpen(messageKeyOf(next))}
    />
  )
}
