import { Switch } from '@mantine/core'
import { useState } from 'react'
import { useExternalStore } from '../../ui/external-store.ts'
import { browserNoticesStore } from '../../ui/preferences.ts'

/** What the browser says to notices: asked for when they are switched on, and not before. */
export function NoticeChoice() {
  const isOn = useExternalStore(browserNoticesStore)
  const [isRefused, setIsRefused] = useState('Notification' in window && Notification.permission === 'denied')
  async function change(isWanted: boolean): Promise<void> {
    if (!isWanted) {
      browserNoticesStore.set(false)
      return
    }
    const answer = await Notification.requestPermission()
    setIsRefused(answer === 'denied')
    browserNoticesStore.set(answer === 'granted')
  }
  return (
    <Switch
      aria-label="Notices of alerts"
      description={
        isRefused ? 'This browser refuses notices of this page; allow them in its settings.' : undefined
      }
      checked={isOn && !isRefused}
      disabled={!('Notification' in window)}
      onChange={(event) => void change(event.currentTarget.checked)}
    />
  )
}
