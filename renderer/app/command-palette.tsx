import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import {
  IconBell,
  IconDownload,
  IconHistory,
  IconInfoCircle,
  IconKeyboard,
  IconLayoutGrid,
  IconLink,
  IconListDetails,
  IconMap2,
  IconPlus,
  IconSearch,
  IconSunMoon,
  IconTimeline,
  IconWindow,
  IconWorld,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { shortenMiddle } from '../../shared/format/identifier.ts'
import { useTRPC } from '../api/provider.tsx'
import { streamDetailsStore } from '../ui/dialogs.ts'
import { useExternalStore } from '../ui/external-store.ts'
import { Kbd, splitHeld } from '../ui/kbd.tsx'
import { visibleText } from '../ui/plain-text.tsx'
import { recentsStore } from '../ui/recents.ts'
import { runCommand, useRegisteredShortcuts } from '../ui/shortcuts.ts'
import { linkTo, useView } from '../ui/use-view.ts'
import { SCREENS } from './screens.ts'

const ICONS: Record<string, typeof IconPlus> = {
  subscribe: IconPlus,
  'create-stream': IconPlus,
  shortcuts: IconKeyboard,
  'toggle-theme': IconSunMoon,
  'next-time-zone': IconWorld,
  tour: IconMap2,
  'new-window': IconWindow,
  'copy-link': IconLink,
  'export-messages': IconDownload,
  alerts: IconBell,
}

/** Places offered before anything is typed. */
const SHOWN_RECENTS = 4

/** Everything that can be opened or done, by name. */
export function CommandPalette() {
  const trpc = useTRPC()
  const [, go] = useLocation()
  const { view } = useView()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const layouts = useQuery(trpc.layouts.list.queryOptions())
  const shortcuts = useRegisteredShortcuts()
  const recents = useExternalStore(recentsStore)

  const places = SCREENS.map(({ screen, label, icon: Icon }, index): SpotlightActionData => {
    return {
      id: `palette-${screen}`,
      label,
      leftSection: <Icon size={18} stroke={1.7} />,
      rightSection: <Kbd keys={[String(index + 1)]} />,
      onClick: () => runCommand(`go-${screen}`),
    }
  })
  const commands = shortcuts
    .filter(({ id, group }) => group !== 'Go to' && id !== 'command-palette')
    .map(({ id, label, keys }): SpotlightActionData => {
      const Icon = ICONS[id] ?? IconTimeline
      return {
        id: `palette-${id}`,
        label,
        leftSection: <Icon size={18} stroke={1.7} />,
        rightSection: <Kbd keys={keys.flatMap(splitHeld)} />,
        onClick: () => runCommand(id),
      }
    })
  const opened = (streams.data ?? []).map((stream): SpotlightActionData => {
    return {
      id: `palette-stream-${stream.part}`,
      label: visibleText(stream.title).slice(0, 72),
      description: shortenMiddle(visibleText(stream.part), 40, 24),
      keywords: [stream.part],
      leftSection: <IconTimeline size={18} stroke={1.7} />,
      onClick: () => go(linkTo('workspace', { part: stream.part, range: view.range })),
    }
  })
  const listed = (streams.data ?? []).map((stream): SpotlightActionData => {
    return {
      id: `palette-messages-${stream.part}`,
      label: `Messages of ${visibleText(stream.title).slice(0, 60)}`,
      keywords: [stream.part],
      leftSection: <IconListDetails size={18} stroke={1.7} />,
      onClick: () => go(linkTo('messages', { part: stream.part, range: view.range })),
    }
  })
  const arranged = (layouts.data ?? []).map((layout): SpotlightActionData => {
    return {
      id: `palette-layout-${layout.id}`,
      label: `Layout ${visibleText(layout.name).slice(0, 60)}`,
      description: layout.problem ?? `${layout.panels} ${layout.panels === 1 ? 'panel' : 'panels'}`,
      leftSection: <IconLayoutGrid size={18} stroke={1.7} />,
      onClick: () =>
        go(linkTo('workspace', { part: layout.parts[0] ?? view.part, layout: layout.id, range: view.range })),
    }
  })
  const visited = recents.map((place): SpotlightActionData => {
    return {
      id: `palette-recent-${place.path}`,
      label: `${place.title} · ${place.screen}`,
      leftSection: <IconHistory size={18} stroke={1.7} />,
      onClick: () => go(place.path),
    }
  })
  const detailed = [...new Map((streams.data ?? []).map((stream) => [stream.streamId, stream])).values()]
  const details = detailed.map((stream): SpotlightActionData => {
    return {
      id: `palette-details-${stream.streamId}`,
      label: `Details of ${visibleText(stream.title).slice(0, 60)}`,
      description: 'Partitions, rights, storage nodes, gaps',
      keywords: [stream.streamId],
      leftSection: <IconInfoCircle size={18} stroke={1.7} />,
      onClick: () => streamDetailsStore.set(stream.streamId),
    }
  })
  const actions: SpotlightActionGroupData[] = [
    { group: 'Recent', actions: visited.slice(0, SHOWN_RECENTS) },
    { group: 'Streams', actions: opened },
    { group: 'Go to', actions: places },
    { group: 'Commands', actions: commands },
    { group: 'Layouts', actions: arranged },
    { group: 'Messages', actions: listed },
    { group: 'Stream details', actions: details },
  ]
  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Search and commands' } }}
      limit={24}
      scrollable
      maxHeight={420}
      highlightQuery
      // Longer than its frame, it is scrolled by the keyboard too.
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
      nothingFound="Nothing is called that here."
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.7} />,
        placeholder: 'Search streams and commands',
        'aria-label': 'Search streams and commands',
      }}
    />
  )
}
