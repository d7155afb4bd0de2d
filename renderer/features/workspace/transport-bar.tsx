import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import {
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerTrackPrev,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react'
import { memo, type ReactNode, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { formatDuration } from '../../../shared/format/quantity.ts'
import { formatClock, formatDate, zoneLabel } from '../../../shared/format/time.ts'
import { PLAYBACK_SPEEDS } from '../../../shared/playback-clock.ts'
import type { ChartAlert } from '../../ui/chart/frame.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { timeZoneStore } from '../../ui/preferences.ts'
import { seldom } from '../../ui/seldom.ts'
import { Scrubber } from './scrubber.tsx'
import type { ExtentChoice } from './scrubber-extent.ts'
import classes from './transport-bar.module.css'
import type { TransportHandle } from './use-transport.ts'

function IconButton({
  label,
  keys,
  onClick,
  children,
}: {
  label: string
  keys: string[]
  onClick: () => void
  children: ReactNode
}) {
  return (
    <Tooltip
      label={
        <span className={classes.tip}>
          {label} <Kbd keys={keys} />
        </span>
      }
    >
      <ActionIcon variant="subtle" color="gray" size={30} aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}

export interface TransportBarProps {
  part: string
  first: number | null
  handle: TransportHandle
  onStep(direction: 'forward' | 'back'): void
  /** Alerts, seen on the scrubber. */
  marks: readonly ChartAlert[]
}

/** Live, pause, seek, step, replay, and where in the history one is. */
export const TransportBar = memo(function TransportBar({
  part,
  first,
  handle,
  onStep,
  marks,
}: TransportBarProps) {
  const { transport } = handle
  const mode = useSyncExternalStore(transport.subscribe, () => transport.now().mode)
  const speed = useSyncExternalStore(transport.subscribe, () => transport.now().speed)
  const [choice, setChoice] = useState<ExtentChoice>({ kind: 'auto' })
  const onChoice = useCallback((next: ExtentChoice) => setChoice(next), [])
  return (
    <section className={classes.bar} aria-label="Time">
      <div className={classes.controls}>
        <div className={classes.buttons}>
          <IconButton
            label="To the beginning"
            keys={['Home']}
            onClick={() => transport.seek(first ?? transport.now().from)}
          >
            <IconPlayerSkipBack size={16} />
          </IconButton>
          <IconButton label="Message before" keys={[',']} onClick={() => onStep('back')}>
            <IconPlayerTrackPrev size={16} />
          </IconButton>
          <Tooltip
            label={
              <span className={classes.tip}>
                {mode === 'paused' ? 'Play' : 'Pause'} <Kbd keys={['Space']} />
              </span>
            }
          >
            <ActionIcon
              variant="light"
              size={34}
              radius="xl"
              aria-label={mode === 'paused' ? 'Play' : 'Pause'}
              onClick={() => transport.toggle()}
            >
              {mode === 'paused' ? <IconPlayerPlayFilled size={16} /> : <IconPlayerPauseFilled size={16} />}
            </ActionIcon>
          </Tooltip>
          <IconButton label="Message after" keys={['.']} onClick={() => onStep('forward')}>
            <IconPlayerTrackPrev size={16} className={classes.mirrored} />
          </IconButton>
          <IconButton label="To live" keys={['L']} onClick={transport.goLive}>
            <IconPlayerSkipForward size={16} />
          </IconButton>
          <Menu position="top" width={110}>
            <Menu.Target>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                className={classes.speed}
                aria-label={`Speed ${speed}x`}
              >
                {speed}×
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>Speed</Menu.Label>
              {PLAYBACK_SPEEDS.map((value) => (
                <Menu.Item
                  key={value}
                  className={classes.speedItem}
                  aria-current={value === speed || undefined}
                  data-chosen={value === speed || undefined}
                  onClick={() => transport.setSpeed(value)}
                >
                  {value}×
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
        <Position handle={handle} />
      </div>
      <div className={classes.timeline}>
        <Scrubber
          part={part}
          first={first}
          handle={handle}
          choice={choice}
          onChoice={onChoice}
          marks={marks}
        />
      </div>
      <div className={classes.end}>
        <Button
          variant={mode === 'live' ? 'light' : 'default'}
          size="xs"
          className={classes.live}
          data-live={mode === 'live' || undefined}
          onClick={transport.goLive}
          aria-pressed={mode === 'live'}
        >
          <span className={classes.dot} aria-hidden />
          LIVE
        </Button>
        <div className={classes.zoom}>
          <Tooltip label="Timeline: around the window">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={22}
              aria-label="Timeline around the window"
              aria-pressed={choice.kind === 'auto'}
              onClick={() => setChoice({ kind: 'auto' })}
            >
              <IconZoomIn size={14} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Timeline: the whole history">
            <ActionIcon
              variant="subtle"
              color="gray"
              size={22}
              aria-label="Timeline of the whole history"
              aria-pressed={choice.kind === 'all'}
              onClick={() => setChoice({ kind: 'all' })}
            >
              <IconZoomOut size={14} />
            </ActionIcon>
          </Tooltip>
        </div>
      </div>
    </section>
  )
})

/** Where one is: written straight into the page with each frame. */
function Position({ handle }: { handle: TransportHandle }) {
  const time = useRef<HTMLTimeElement>(null)
  const note = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const write = seldom(() => {
      const { mode, playhead, from, to } = handle.transport.now()
      const at = playhead ?? to
      const zone = timeZoneStore.get()
      if (time.current !== null) {
        time.current.textContent =
          `${formatDate(at, zone)} ${formatClock(at, zone)} ${zoneLabel(zone, at)}`.trim()
      }
      if (note.current !== null) {
        const behind = Date.now() - at
        note.current.textContent =
          mode === 'live'
            ? `live, last ${formatDuration(to - from)}`
            : `${mode}, ${behind > 1_000 ? `${formatDuration(behind)} behind live` : 'at the live edge'}`
      }
    })
    const leave = [handle.onFrame(write), handle.transport.subscribe(write), timeZoneStore.subscribe(write)]
    write()
    // While paused nothing moves but the present.
    const timer = setInterval(write, 1_000)
    return () => {
      for (const stop of leave) stop()
      write.cancel()
      clearInterval(timer)
    }
  }, [handle])
  return (
    <div className={classes.position}>
      <time ref={time} />
      <span ref={note} className={classes.note} />
    </div>
  )
}
