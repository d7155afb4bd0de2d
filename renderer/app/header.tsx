import { ActionIcon, Tooltip, UnstyledButton } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { Kbd } from '../ui/kbd.tsx'
import { useTimeZone } from '../ui/preferences.ts'
import { TimeRangeControl } from '../ui/time-range-control.tsx'
import { type Screen, useView } from '../ui/use-view.ts'
import classes from './header.module.css'
import { SCREENS } from './screens.ts'
import { StreamTitle } from './stream-title.tsx'

export function Header({ screen }: { screen: Screen }) {
  const { view, update } = useView()
  const zone = useTimeZone()
  const isOfStream = screen === 'workspace' || screen === 'messages' || screen === 'fleet'
  return (
    <header className={classes.header}>
      {isOfStream ? (
        <StreamTitle screen={screen} />
      ) : (
        <h1 className={classes.title}>{SCREENS.find((entry) => entry.screen === screen)?.label}</h1>
      )}
      <span className={classes.space} />
      {isOfStream ? (
        <TimeRangeControl
          range={view.range}
          zone={zone}
          onChange={(range) => update({ range, playhead: null, playing: false }, { push: true })}
        />
      ) : null}
      {isOfStream ? (
        <Tooltip label="Search and commands">
          <ActionIcon variant="default" size={30} aria-label="Search and commands" onClick={spotlight.open}>
            <IconSearch size={15} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <UnstyledButton className={classes.search} onClick={spotlight.open}>
          <IconSearch size={14} aria-hidden />
          <span className={classes.searchLabel}>Search streams and commands</span>
          <Kbd keys={['mod', 'K']} />
        </UnstyledButton>
      )}
    </header>
  )
}
