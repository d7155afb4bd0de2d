import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import {
  IconInfoCircle,
  IconKeyboard,
  IconPlus,
  IconSearch,
  IconSunMoon,
  IconTimeline,
  IconWorld,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { shortenMiddle } from '../../shared/format/identifier.ts'
import { useTRPC } from '../api/provider.tsx'
import { streamDetailsStore } from '../ui/dialogs.ts'
import { Kbd, splitHeld } from '../ui/kbd.tsx'
import { visibleText } from '../ui/plain-text.tsx'
import { runCommand, useRegisteredShortcuts } from '../ui/shortcuts.ts'
import { linkTo, useView } from '../ui/use-view.ts'
import { SCREENS } from './screens.ts'

const ICONS: Record<string, typeof IconPlus> = {
  subscribe: IconPlus,
  'create-stream': IconPlus,
  shortcuts: IconKeyboard,
  'toggle-theme': IconSunMoon,
  'next-time-zone': IconWorld,
}

/** Everything that can be opened or done, by name. */
export function CommandPalette() {
  const trpc = useTRPC()
  const [, go] = useLocation()
  const { view } = useView()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const shortcuts = useRegisteredShortcuts()

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
    { group: 'Streams', actions: opened },
    { group: 'Go to', actions: places },
    { group: 'Commands', actions: commands },
    { group: 'Stream details', actions: details },
  ]
  return (
    <Spotlight
      actions={actions}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Search and commands' } }}
      limit={12}
      scrollable
      maxHeight={420}
      highlightQuery
      nothingFound="Nothing is called that here."
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.7} />,
        placeholder: 'Search streams and commands',
        'aria-label': 'Search streams and commands',
      }}
    />
  )
}
