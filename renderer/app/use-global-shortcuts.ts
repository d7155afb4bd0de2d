import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { spotlight } from '@mantine/spotlight'
import { useLocation } from 'wouter'
import { TIME_ZONES } from '../../shared/format/time.ts'
import { dialogStore, tourStore } from '../ui/dialogs.ts'
import { timeZoneStore } from '../ui/preferences.ts'
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts'
import { linkTo, useView } from '../ui/use-view.ts'
import { openAnotherWindow } from './open-window.ts'
import { SCREENS } from './screens.ts'
import { carriedView } from './use-screen.ts'

/** A link that leads to the same stream, range, layout and message: in this portal, or through `tidemark://`. */
function copyLink(): void {
  const place = location.hash.replace(/^#/, '')
  const link = window.tidemark === undefined ? location.href : `tidemark://open${place === '' ? '/' : place}`
  navigator.clipboard.writeText(link).then(
    () => notifications.show({ message: 'Link copied', autoClose: 1_500 }),
    () =>
      notifications.show({
        color: 'danger',
        message: 'The clipboard is refused here. Copy the address itself.',
      }),
  )
}

/** What can be done by keyboard on every screen. */
export function useGlobalShortcuts(): void {
  const [, go] = useLocation()
  const { view } = useView()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('dark')

  const places = SCREENS.flatMap(({ screen, label, sequence }, index): Shortcut[] => {
    const run = () => go(linkTo(screen, carriedView(view, screen)))
    return [
      { id: `go-${screen}`, keys: sequence, label, group: 'Go to', run },
      { id: `go-${screen}-by-number`, keys: [String(index + 1)], label, group: 'Go to', run },
    ]
  })
  useShortcuts([
    ...places,
    {
      id: 'command-palette',
      keys: ['mod+k'],
      label: 'Search and commands',
      group: 'Everywhere',
      run: spotlight.toggle,
    },
    {
      id: 'shortcuts',
      keys: ['?'],
      label: 'Keyboard shortcuts',
      group: 'Everywhere',
      run: () => dialogStore.set('shortcuts'),
    },
    {
      id: 'subscribe',
      keys: ['n'],
      label: 'Subscribe to a stream',
      group: 'Everywhere',
      run: () => dialogStore.set('subscribe'),
    },
    {
      id: 'create-stream',
      keys: ['c'],
      label: 'Create a stream',
      group: 'Everywhere',
      run: () => dialogStore.set('create-stream'),
    },
    {
      id: 'tour',
      keys: ['h'],
      label: 'Take the tour',
      group: 'Everywhere',
      run: () => tourStore.set(0),
    },
    {
      id: 'new-window',
      keys: ['w'],
      label: 'Another window at this place',
      group: 'Everywhere',
      run: openAnotherWindow,
    },
    {
      id: 'copy-link',
      keys: ['y'],
      label: 'Copy a link to this place',
      group: 'Everywhere',
      run: copyLink,
    },
    {
      id: 'toggle-theme',
      keys: ['t'],
      label: 'Dark or light',
      group: 'Everywhere',
      run: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'),
    },
    {
      id: 'next-time-zone',
      keys: ['z'],
      label: 'Times in local, UTC, epoch',
      group: 'Everywhere',
      run() {
        const index = TIME_ZONES.indexOf(timeZoneStore.get())
        timeZoneStore.set(TIME_ZONES[(index + 1) % TIME_ZONES.length] ?? 'local')
      },
    },
  ])
}
