import { useLocation } from 'wouter'
import type { View } from '../../shared/view-link.ts'
import type { Screen } from '../ui/use-view.ts'
import { SCREENS } from './screens.ts'

/** The screen the address names; anything unknown is the Overview. */
export function useScreen(): Screen {
  const [path] = useLocation()
  return SCREENS.find(({ screen }) => path === `/${screen}`)?.screen ?? 'overview'
}

/** Whether the address names a place at all. */
export function useIsKnownPlace(): boolean {
  const [path] = useLocation()
  return path === '/' || SCREENS.some(({ screen }) => path === `/${screen}`)
}

/** What of the view goes along to another screen: the stream and the time, and what is open in the inspector. */
export function carriedView(view: View, to: Screen): Partial<View> {
  const { part, range, playhead, speed, message, fields, columns } = view
  if (to === 'workspace' || to === 'messages' || to === 'audit')
    return { part, range, playhead, speed, message, fields, columns }
  return { part, range, playhead, speed, fields, columns }
}
