import { PLAYBACK_SPEEDS } from '../../../shared/playback-clock.ts'
import type { Shortcut } from '../../ui/shortcuts.ts'
import type { Transport } from './transport.ts'

const PAN_SHARE = 0.25
const ZOOM_FACTOR = 1.5

export interface WorkspaceShortcutsOptions {
  transport: Transport
  first: number | null
  step(direction: 'forward' | 'back'): void
  pickFields(): void
  undo(): void
  redo(): void
  addPanel(): void
  saveLayout(): void
  lockCursor(): void
  /** Moves by the chosen step. */
  shift(direction: 1 | -1): void
  jump(what: 'gap' | 'forged' | 'alert', direction: 'forward' | 'back'): void
  toggleLoop(): void
}

/** The choice of speed beside the one at hand. */
export function nextSpeed(speed: number, direction: 1 | -1): number {
  if (direction === 1) return PLAYBACK_SPEEDS.find((choice) => choice > speed) ?? speed
  return PLAYBACK_SPEEDS.findLast((choice) => choice < speed) ?? speed
}

export function workspaceShortcuts({
  transport,
  first,
  step,
  ...panels
}: WorkspaceShortcutsOptions): Shortcut[] {
  const group = 'Time'
  const pan = (direction: 1 | -1) => () => {
    const { from, to } = transport.now()
    transport.pan(direction * PAN_SHARE * (to - from))
  }
  const zoom = (factor: number) => () => {
    const { from, to, playhead } = transport.now()
    transport.zoom(factor, playhead ?? (from + to) / 2)
  }
  const speed = (direction: 1 | -1) => () => transport.setSpeed(nextSpeed(transport.now().speed, direction))
  return [
    { id: 'play-pause', keys: ['Space'], label: 'Play or pause', group, run: () => transport.toggle() },
    { id: 'go-live', keys: ['l'], label: 'Back to live', group, run: transport.goLive },
    { id: 'step-back', keys: [','], label: 'Message before', group, run: () => step('back') },
    { id: 'step-forward', keys: ['.'], label: 'Message after', group, run: () => step('forward') },
    { id: 'slower', keys: ['['], label: 'Slower', group, run: speed(-1) },
    { id: 'faster', keys: [']'], label: 'Faster', group, run: speed(1) },
    { id: 'pan-back', keys: ['ArrowLeft'], label: 'Earlier', group, run: pan(-1) },
    { id: 'pan-forward', keys: ['ArrowRight'], label: 'Later', group, run: pan(1) },
    { id: 'zoom-in', keys: ['+'], label: 'Zoom in', group, run: zoom(1 / ZOOM_FACTOR) },
    { id: 'zoom-out', keys: ['-'], label: 'Zoom out', group, run: zoom(ZOOM_FACTOR) },
    {
      id: 'shift-back',
      keys: ['shift+ArrowLeft'],
      label: 'A step earlier',
      group,
      run: () => panels.shift(-1),
    },
    {
      id: 'shift-forward',
      keys: ['shift+ArrowRight'],
      label: 'A step later',
      group,
      run: () => panels.shift(1),
    },
    { id: 'loop', keys: ['o'], label: 'Loop what is shown', group, run: panels.toggleLoop },
    { id: 'next-gap', keys: ['j', 'g'], label: 'Next gap', group, run: () => panels.jump('gap', 'forward') },
    { id: 'last-gap', keys: ['b', 'g'], label: 'Gap before', group, run: () => panels.jump('gap', 'back') },
    {
      id: 'next-forged',
      keys: ['j', 'f'],
      label: 'Next forged',
      group,
      run: () => panels.jump('forged', 'forward'),
    },
    {
      id: 'last-forged',
      keys: ['b', 'f'],
      label: 'Forged before',
      group,
      run: () => panels.jump('forged', 'back'),
    },
    {
      id: 'next-alert',
      keys: ['j', 'a'],
      label: 'Next alert',
      group,
      run: () => panels.jump('alert', 'forward'),
    },
    {
      id: 'last-alert',
      keys: ['b', 'a'],
      label: 'Alert before',
      group,
      run: () => panels.jump('alert', 'back'),
    },
    {
      id: 'go-start',
      keys: ['Home'],
      label: 'Beginning of the history',
      group,
      run: () => transport.seek(first ?? transport.now().from),
    },
    { id: 'pick-fields', keys: ['f'], label: 'Choose fields', group: 'Panels', run: panels.pickFields },
    { id: 'add-panel', keys: ['a'], label: 'Add a panel', group: 'Panels', run: panels.addPanel },
    { id: 'lock-cursor', keys: ['k'], label: 'Lock the crosshair', group: 'Panels', run: panels.lockCursor },
    { id: 'save-layout', keys: ['mod+s'], label: 'Save the layout', group: 'Panels', run: panels.saveLayout },
    { id: 'undo', keys: ['mod+z'], label: 'Undo', group: 'Panels', run: panels.undo },
    { id: 'redo', keys: ['mod+y'], label: 'Redo', group: 'Panels', run: panels.redo },
  ]
}
