import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import {
  IconArrowBarToLeft,
  IconArrowBarToRight,
  IconChevronLeft,
  IconChevronRight,
  IconLock,
  IconLockOpen,
  IconMapPin,
  IconRepeat,
  IconStack2,
} from '@tabler/icons-react'
import { useSyncExternalStore } from 'react'
import type { CursorStore } from '../../ui/chart/cursor.ts'
import { useExternalStore } from '../../ui/external-store.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { COMPARE_STEPS, stepInWords, stepStore, TIME_STEPS, toggleLoop } from './time-steps.ts'
import classes from './time-tools.module.css'
import type { Transport } from './transport.ts'
import type { Landmark } from './use-jump.ts'

export interface TimeToolsProps {
  transport: Transport
  cursor: CursorStore
  compareMs: number | null
  onCompare(ms: number | null): void
  onJump(what: Landmark, direction: 'forward' | 'back'): void
}

const LANDMARKS: readonly { what: Landmark; words: string; key: string }[] = [
  { what: 'gap', words: 'gap', key: 'G' },
  { what: 'forged', words: 'forged message', key: 'F' },
  { what: 'alert', words: 'alert', key: 'A' },
]

/** What is done with time beside playing it: shift, jump, loop, compare, hold the crosshair. */
export function TimeTools({ transport, cursor, compareMs, onCompare, onJump }: TimeToolsProps) {
  const step = useExternalStore(stepStore)
  const loop = useSyncExternalStore(transport.subscribe, () => transport.now().loop)
  const isLocked = useSyncExternalStore(cursor.subscribe, () => cursor.get()?.isLocked === true)
  return (
    <div className={classes.tools}>
      <div className={classes.shift}>
        <Tooltip
          label={
            <>
              Shift back <Kbd keys={['shift', '←']} />
            </>
          }
        >
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            aria-label={`${stepInWords(step)} earlier`}
            onClick={() => transport.shift(-step)}
          >
            <IconChevronLeft size={15} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom" width={110}>
          <Menu.Target>
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              className={classes.step}
              aria-label={`Step: ${stepInWords(step)}`}
            >
              {stepInWords(step)}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>Shift by</Menu.Label>
            {TIME_STEPS.map(({ ms, words }) => (
              <Menu.Item key={ms} aria-current={ms === step || undefined} onClick={() => stepStore.set(ms)}>
                {words}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Tooltip
          label={
            <>
              Shift forward <Kbd keys={['shift', '→']} />
            </>
          }
        >
          <ActionIcon
            variant="subtle"
            color="gray"
            size={26}
            aria-label={`${stepInWords(step)} later`}
            onClick={() => transport.shift(step)}
          >
            <IconChevronRight size={15} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Menu position="bottom-end" width={260}>
        <Menu.Target>
          <Button variant="default" size="xs" leftSection={<IconMapPin size={14} />}>
            Jump
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {LANDMARKS.map(({ what, words, key }) => (
            <Menu.Item
              key={`next ${what}`}
              leftSection={<IconArrowBarToRight size={14} />}
              rightSection={<Kbd keys={['J', key]} />}
              onClick={() => onJump(what, 'forward')}
            >
              Next {words}
            </Menu.Item>
          ))}
          <Menu.Divider />
          {LANDMARKS.map(({ what, words, key }) => (
            <Menu.Item
              key={`last ${what}`}
              leftSection={<IconArrowBarToLeft size={14} />}
              rightSection={<Kbd keys={['B', key]} />}
              onClick={() => onJump(what, 'back')}
            >
              Last {words}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-end" width={170}>
        <Menu.Target>
          <Button
            variant={compareMs === null ? 'default' : 'light'}
            size="xs"
            leftSection={<IconStack2 size={14} />}
            aria-label={
              compareMs === null
                ? 'Compare with an earlier time'
                : `Compared with ${stepInWords(compareMs)} earlier`
            }
          >
            {compareMs === null ? 'Compare' : `− ${stepInWords(compareMs)}`}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Lay over what was</Menu.Label>
          <Menu.Item aria-current={compareMs === null || undefined} onClick={() => onCompare(null)}>
            Nothing
          </Menu.Item>
          <Menu.Item
            onClick={() => {
              const { from, to } = transport.now()
              onCompare(Math.round(to - from))
            }}
          >
            the window before
          </Menu.Item>
          {COMPARE_STEPS.map(({ ms, words }) => (
            <Menu.Item key={ms} aria-current={ms === compareMs || undefined} onClick={() => onCompare(ms)}>
              {words} earlier
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip
        label={
          <>
            {loop === null ? 'Loop what is shown' : 'End the loop'} <Kbd keys={['O']} />
          </>
        }
      >
        <ActionIcon
          variant={loop === null ? 'default' : 'light'}
          size={30}
          aria-label="Loop"
          aria-pressed={loop !== null}
          onClick={() => toggleLoop(transport)}
        >
          <IconRepeat size={15} />
        </ActionIcon>
      </Tooltip>
      <Tooltip
        label={
          <>
            {isLocked ? 'Let the crosshair go' : 'Lock the crosshair where it is'} <Kbd keys={['K']} />
          </>
        }
      >
        <ActionIcon
          variant={isLocked ? 'light' : 'default'}
          size={30}
          aria-label="Lock the crosshair"
          aria-pressed={isLocked}
          onClick={() => cursor.toggleLock()}
        >
          {isLocked ? <IconLock size={15} /> : <IconLockOpen size={15} />}
        </ActionIcon>
      </Tooltip>
    </div>
  )
}
