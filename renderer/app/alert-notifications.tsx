import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { formatCount } from '../../shared/format/quantity.ts'
import { useApi, useTRPC } from '../api/provider.tsx'
import { useExternalStore } from '../ui/external-store.ts'
import { browserNoticesStore } from '../ui/preferences.ts'

/** In a browser: says it through the system when alerts begin to fire while nobody looks. The desktop has its own. */
export function AlertNotifications() {
  const { feed } = useApi()
  const trpc = useTRPC()
  const queries = useQueryClient()
  const isOn = useExternalStore(browserNoticesStore)
  const firing = useRef<number | null>(null)
  useEffect(
    () =>
      feed.subscribe((event) => {
        if (event.kind !== 'alerts') return
        const before = firing.current
        firing.current = event.firing
        if (!isOn || before === null || event.firing <= before || !document.hidden) return
        if (!('Notification' in window) || Notification.permission !== 'granted') return
        const notice = new Notification('Tidemark', {
          body: `${formatCount(event.firing)} ${event.firing === 1 ? 'alert is' : 'alerts are'} firing.`,
          tag: 'tidemark-alerts',
        })
        notice.onclick = () => {
          window.focus()
          void queries.invalidateQueries({ queryKey: trpc.alerts.state.queryKey() })
          notice.close()
        }
      }),
    [feed, isOn, queries, trpc],
  )
  return null
}
