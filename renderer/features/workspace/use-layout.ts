import { skipToken, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ErrorView } from '../../../shared/errors.ts'
import { type Layout, readLayout } from '../../../shared/layout.ts'
import { decodeLayoutLink } from '../../../shared/layout-link.ts'
import type { View } from '../../../shared/view-link.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useTRPC } from '../../api/provider.tsx'
import { useExternalStore } from '../../ui/external-store.ts'
import type { LayoutEdit } from './layout-edit.ts'
import { createLayoutSession, type LayoutSession } from './layout-session.ts'

export interface LayoutHandle {
  layout: Layout
  /** Id of the kept layout it is or was made from. */
  savedId: string | null
  /** Something was changed that is not kept. */
  isEdited: boolean
  /** Made by itself and left as it is. */
  isAutomatic: boolean
  session: LayoutSession
  apply(edit: LayoutEdit): void
}

export type LayoutState =
  | { kind: 'loading' }
  | { kind: 'failed'; error: ErrorView }
  | { kind: 'ready'; handle: LayoutHandle }

/** The layout on screen: of the link, of the node, or made by itself; and what was changed in it. */
export function useLayout(part: string, view: View, automatic: Layout): LayoutState {
  const trpc = useTRPC()
  const { layout: id, shared } = view
  const kept = useQuery(
    trpc.layouts.get.queryOptions(id === null || shared !== null ? skipToken : { id }, {
      staleTime: Infinity,
    }),
  )
  const sent = useQuery({
    queryKey: ['layout-link', shared],
    queryFn: () => decodeLayoutLink(shared ?? ''),
    enabled: shared !== null,
    staleTime: Infinity,
    retry: false,
  })
  const key = shared === null ? `${part} ${id ?? ''}` : `link ${shared.slice(-64)}`
  const session = useMemo(() => createLayoutSession(key), [key])
  const { edited } = useExternalStore(session.state)

  return useMemo((): LayoutState => {
    const source = shared !== null ? sent : id !== null ? kept : null
    if (source?.error) return { kind: 'failed', error: errorViewOf(source.error) }
    if (source !== null && source.data === undefined) return { kind: 'loading' }
    // What the node sends is checked as well: it may be newer than this page.
    const base = source?.data === undefined ? automatic : readLayout(source.data)
    const handle: LayoutHandle = {
      layout: edited ?? base,
      savedId: shared === null ? id : null,
      isEdited: edited !== null || shared !== null,
      isAutomatic: source === null && edited === null,
      session,
      apply: (edit) => session.apply(edit, base),
    }
    return { kind: 'ready', handle }
  }, [shared, sent, id, kept, automatic, edited, session])
}
