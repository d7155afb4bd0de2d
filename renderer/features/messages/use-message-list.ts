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

/** The list for a part of the view; a new one whenever the range or a filter changes. */
export function useMessageList(part: string, view: View): { list: MessageList; state: MessageListState } {
  const { client, feed, connection } = useApi()
  const key = JSON.stringify([part, view.range, view.publisher, view.verdicts])
  const list = useMemo(() => {
    const [ofPart, range, publisher, verdicts] = JSON.parse(key) as [
      string,
      View['range'],
      View['publisher'],
      View['verdicts'],
    ]
    const isLive = range.kind === 'live'
    const filter: MessageFilter = {
      part: ofPart,
      from: isLive ? Math.max(0, Date.now() - range.spanMs) : range.from,
      to: isLive ? null : range.to,
      publisher,
      verdicts,
    }
    return createMessageList({ client, feed, onRegained: connection.onRegained, filter, follow: isLive })
  }, [client, feed, connection, key])
  useEffect(() => () => list.dispose(), [list])
  return { list, state: useExternalStore(list.state) }
}
