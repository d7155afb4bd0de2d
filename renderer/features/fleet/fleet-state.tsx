import {
  IconBellOff,
  IconCheck,
  IconClockExclamation,
  IconHeartBroken,
  IconUserQuestion,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { FleetState } from '../../../shared/fleet-standing.ts'

export const STATE_WORDS: Record<FleetState, string> = {
  silent: 'Silent',
  unhealthy: 'Unhealthy',
  lagging: 'Lagging',
  well: 'Well',
  stranger: 'Not permitted',
}

const ICONS: Record<FleetState, ComponentType<{ size?: number; stroke?: number }>> = {
  silent: IconBellOff,
  unhealthy: IconHeartBroken,
  lagging: IconClockExclamation,
  well: IconCheck,
  stranger: IconUserQuestion,
}

/** Told by shape and word: colours belong to verdicts. */
export function StateIcon({ state }: { state: FleetState }) {
  const Icon = ICONS[state]
  return (
    <span aria-hidden>
      <Icon size={14} stroke={1.9} />
    </span>
  )
}
