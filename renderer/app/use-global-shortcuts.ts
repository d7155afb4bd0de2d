import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { useLocation } from 'wouter'
import { TIME_ZONES } from '../../shared/format/time.ts'
import { dialogStore } from '../ui/dialogs.ts'
import { timeZoneStore } from '../ui/preferences.ts'
import { type Shortcut, useShortcuts } from '../ui/shortcuts.ts'
import { linkTo, useView } from '../ui/use-view.ts'
import { SCREENS } from './screens.ts'
import { carriedView } from './use-screen.ts'

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
