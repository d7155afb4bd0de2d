import { useEffect, useMemo } from 'react'
import type { View } from '../../../shared/view-link.ts'
import {
  createMessageList,
  type MessageFilter,
  type MessageList,
  type MessageListState,
} from '../../api/message-list.ts'
import { useApi } from '../../api/provider.tsx'
import { useExternalStore } from '../../ui/external-store.ts'

export interface ListHandle {
  list: MessageList
  state: MessageListState
  filter: MessageFilter
  /** Contents are looked through, which takes longer the less is found. */
  isSearch: boolean
}

/** The list for a part of the view; a new one whenever the range or a filter changes. */
export function useMessageList(part: string, view: View, text: string): ListHandle {
  const { client, feed, connection } = useApi()
  const { range, publisher, verdicts, marks, conditions } = view
  const key = JSON.stringify([part, range, publisher, verdicts, marks, text, conditions])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says whether any of them has changed
  const { list, filter } = useMemo(() => {
    const isLive = range.kind === 'live'
    const made: MessageFilter = {
      part,
      from: isLive ? Math.max(0, Date.now() - range.spanMs) : range.from,
      to: isLive ? null : range.to,
      publisher,
      verdicts,
      marks,
      text,
      conditions,
    }
    // A link to a message opens the list where it stands.
    const at = view.message?.part === part ? view.message.timestamp : null
    const isWithin = at !== null && !isLive && at >= made.from && at <= (made.to ?? at)
    const around = isWithin ? at : null
    return {
      list: createMessageList({
        client,
        feed,
        onRegained: connection.onRegained,
        filter: made,
        follow: isLive,
        around,
      }),
      filter: made,
    }
  }, [client, feed, connection, key])
  useEffect(() => () => list.dispose(), [list])
  const isSearch = text.trim() !== '' || conditions.length > 0 || marks.includes('schema')
  return { list, filter, isSearch, state: useExternalStore(list.state) }
}
