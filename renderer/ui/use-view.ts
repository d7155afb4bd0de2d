import { useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { DEFAULT_VIEW, decodeView, encodeView, type MessageKey, type View } from '../../shared/view-link.ts'
import { currentSearch, navigate } from './hash-location.ts'

export type Screen =
  | 'overview'
  | 'workspace'
  | 'messages'
  | 'fleet'
  | 'network'
  | 'audit'
  | 'alerts'
  | 'remote-log'
  | 'settings'

export function screenPath(screen: Screen): string {
  return screen === 'overview' ? '/' : `/${screen}`
}

/** A link to a screen that carries on with what matters there of the view at hand. */
export function linkTo(screen: Screen, view: Partial<View>): string {
  const search = encodeView({ ...DEFAULT_VIEW, ...view })
  return search === '' ? screenPath(screen) : `${screenPath(screen)}?${search}`
}

export interface ViewHandle {
  view: View
  /** Changes parts of the view in place; `push` leaves a step for the back button. */
  update(change: Partial<View>, options?: { push?: boolean }): void
  inspect(message: MessageKey | null): void
}

/** The view in the address bar: which stream, fields, range, playhead, filters and message. */
export function useView(): ViewHandle {
  const [path] = useLocation()
  const search = useSearch()
  const view = useMemo(() => decodeView(search), [search])
  return useMemo(() => {
    const update: ViewHandle['update'] = (change, options = {}) => {
      // The address is read anew: another part of the page may have changed it since this render.
      const next = encodeView({ ...decodeView(currentSearch()), ...change })
      navigate(next === '' ? path : `${path}?${next}`, { replace: options.push !== true })
    }
    return { view, update, inspect: (message) => update({ message }) }
  }, [view, path])
}
