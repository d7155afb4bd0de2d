import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { type Layout, layoutText, parseLayout } from '../../../shared/layout.ts'
import { encodeLayoutLink } from '../../../shared/layout-link.ts'
import { decodeView, encodeView } from '../../../shared/view-link.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi, useTRPC } from '../../api/provider.tsx'
import { downloadText } from '../../ui/download.ts'
import { currentSearch } from '../../ui/hash-location.ts'
import { useView } from '../../ui/use-view.ts'
import type { LayoutHandle } from './use-layout.ts'

export interface LayoutCare {
  /** Keeps what is shown under the layout it was made from, or anew under a name. */
  save(name?: string): Promise<void>
  rename(name: string): Promise<void>
  remove(id: string): Promise<void>
  open(id: string | null): void
  /** Back to what is kept. */
  discard(): void
  exportFile(): void
  importFile(file: File): Promise<void>
  copyLink(): Promise<void>
}

/** A name as part of a file name. */
function fileName(name: string): string {
  const plain = name
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60)
  return `${plain === '' ? 'layout' : plain}.tidemark-layout.json`
}

function tell(title: string, error: unknown): void {
  const { message, remedy } = errorViewOf(error)
  notifications.show({ color: 'danger', title, message: `${message} ${remedy}` })
}

/** What can be done with a layout as a whole: keep, name, open, send. Failures are told, not thrown. */
export function useLayoutCare(handle: LayoutHandle): LayoutCare {
  const { client } = useApi()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const { update } = useView()
  const { layout, savedId, session } = handle

  return useMemo((): LayoutCare => {
    const refresh = () => queries.invalidateQueries({ queryKey: trpc.layouts.list.queryKey() })
    async function attempt(title: string, task: () => Promise<void>): Promise<void> {
      try {
        await task()
      } catch (error) {
        tell(title, error)
      }
    }
    async function keep(next: Layout, id: string | null): Promise<void> {
      const saved = await client.layouts.save.mutate({
        layout: layoutText(next),
        ...(id === null ? {} : { id }),
      })
      queries.setQueryData(trpc.layouts.get.queryKey({ id: saved.id }), next)
      session.settled()
      update({ layout: saved.id, shared: null, fields: null })
      await refresh()
      notifications.show({ title: 'Layout saved', message: next.name })
    }
    return {
      save: (name) =>
        attempt('The layout was not saved', () =>
          keep(name === undefined ? layout : { ...layout, name }, name === undefined ? savedId : null),
        ),
      rename: (name) =>
        attempt('The layout was not renamed', async () => {
          if (savedId === null) return
          await client.layouts.rename.mutate({ id: savedId, name })
          queries.setQueryData(
            trpc.layouts.get.queryKey({ id: savedId }),
            (kept) => kept && { ...kept, name },
          )
          const { edited } = session.state.get()
          if (edited !== null) session.replace({ ...edited, name })
          await refresh()
        }),
      remove: (id) =>
        attempt('The layout was not deleted', async () => {
          await client.layouts.remove.mutate({ id })
          if (id === savedId) update({ layout: null })
          await refresh()
        }),
      open: (id) => update({ layout: id, shared: null }, { push: true }),
      discard() {
        session.replace(null)
        update({ shared: null })
      },
      exportFile: () => downloadText(fileName(layout.name), layoutText(layout), 'application/json'),
      importFile: (file) =>
        attempt('The layout was not opened', async () => {
          // Read no further than a layout can be long.
          session.replace(parseLayout(await file.slice(0, 1_048_576).text()))
        }),
      copyLink: () =>
        attempt('The link was not made', async () => {
          const shared = await encodeLayoutLink(layout)
          const search = encodeView({ ...decodeView(currentSearch()), shared, layout: null, fields: null })
          await navigator.clipboard.writeText(`${location.origin}${location.pathname}#/workspace?${search}`)
          notifications.show({
            title: 'Link copied',
            message: 'It carries the layout itself and opens it in any Tidemark.',
          })
        }),
    }
  }, [client, trpc, queries, update, layout, savedId, session])
}
