import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTRPC } from '../api/provider.tsx'
import { visibleText } from '../ui/plain-text.tsx'
import { recentsStore, withRecent } from '../ui/recents.ts'
import { linkTo, type Screen, useView } from '../ui/use-view.ts'
import { SCREENS } from './screens.ts'

/** Who passes by has not been there. */
const STAY_MS = 4_000

/** Remembers where one was: which stream, on which screen, with which range and layout. */
export function useRecents(screen: Screen): void {
  const trpc = useTRPC()
  const { view } = useView()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const title = streams.data?.find(({ part }) => part === view.part)?.title
  const label = SCREENS.find((entry) => entry.screen === screen)?.label
  const isOfStream = screen === 'workspace' || screen === 'messages' || screen === 'fleet'
  const { part, range, layout, columns, publisher } = view
  const path = linkTo(screen, { part, range, layout, columns, publisher })
  useEffect(() => {
    if (title === undefined || label === undefined || !isOfStream) return
    const timer = setTimeout(() => {
      const place = { path, title: visibleText(title).slice(0, 120), screen: label }
      recentsStore.set(withRecent(recentsStore.get(), place))
    }, STAY_MS)
    return () => clearTimeout(timer)
  }, [path, title, label, isOfStream])
}
