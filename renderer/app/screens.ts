import {
  IconActivity,
  IconAffiliate,
  IconArchive,
  IconBell,
  IconLayoutDashboard,
  IconListDetails,
  IconReportSearch,
  IconServer2,
  IconSettings,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { Screen } from '../ui/use-view.ts'

export interface ScreenEntry {
  screen: Screen
  label: string
  icon: ComponentType<{ size?: number; stroke?: number }>
  /** Keys that lead there, beside its number. */
  sequence: readonly [string, string]
}

/** The places of the portal, in the order of the rail. */
export const SCREENS: readonly ScreenEntry[] = [
  { screen: 'overview', label: 'Overview', icon: IconLayoutDashboard, sequence: ['g', 'o'] },
  { screen: 'workspace', label: 'Workspace', icon: IconActivity, sequence: ['g', 'w'] },
  { screen: 'messages', label: 'Messages', icon: IconListDetails, sequence: ['g', 'm'] },
  { screen: 'fleet', label: 'Fleet', icon: IconServer2, sequence: ['g', 'f'] },
  { screen: 'network', label: 'Network', icon: IconAffiliate, sequence: ['g', 'n'] },
  { screen: 'audit', label: 'Audit', icon: IconReportSearch, sequence: ['g', 'a'] },
  { screen: 'remote-log', label: 'Remote log', icon: IconArchive, sequence: ['g', 'r'] },
  { screen: 'alerts', label: 'Alerts', icon: IconBell, sequence: ['g', 'l'] },
  { screen: 'settings', label: 'Settings', icon: IconSettings, sequence: ['g', 's'] },
]
