import {
  IconBraces,
  IconClock,
  IconDatabaseX,
  IconGitBranch,
  IconLineDashed,
  IconRefresh,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { FindingKind } from '../../../shared/audit.ts'
import { type Standing, VerdictIcon } from '../../ui/verdict.tsx'
import classes from './audit.module.css'

const STANDINGS: Partial<Record<FindingKind, Standing>> = {
  equivocation: 'equivocation',
  forged: 'forged',
  unauthorised: 'unauthorised',
  undecided: 'pending',
}

const ICONS: Partial<Record<FindingKind, ComponentType<{ size?: number; stroke?: number }>>> = {
  'store-damaged': IconDatabaseX,
  gap: IconLineDashed,
  'chain-fork': IconGitBranch,
  'clock-ahead': IconClock,
  'clock-behind': IconClock,
  'schema-violation': IconBraces,
  'verdict-changed': IconRefresh,
}

/** The sign of a kind of finding: that of its verdict where it has one, else a shape without a colour. */
export function FindingIcon({ kind, size = 15 }: { kind: FindingKind; size?: number }) {
  const standing = STANDINGS[kind]
  if (standing !== undefined) return <VerdictIcon standing={standing} size={size} />
  const Icon = ICONS[kind]
  return (
    <span className={classes.icon} aria-hidden>
      {Icon === undefined ? null : <Icon size={size} stroke={2} />}
    </span>
  )
}
