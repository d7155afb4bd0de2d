import { TIME_ZONES, type TimeZone } from '../../shared/format/time.ts'
import { createPersistedStore, useExternalStore } from './external-store.ts'

/** How times are told, everywhere at once. */
export const timeZoneStore = createPersistedStore<TimeZone>(
  'time-zone',
  'local',
  (kept) => TIME_ZONES.find((zone) => zone === kept) ?? null,
)

export type MotionPreference = 'system' | 'reduced'
export const motionStore = createPersistedStore<MotionPreference>('motion', 'system', (kept) =>
  kept === 'reduced' || kept === 'system' ? kept : null,
)

export const welcomeDismissedStore = createPersistedStore('welcome-dismissed', false, (kept) => kept === true)

/** The browser tells of alerts while the page is not looked at. */
export const browserNoticesStore = createPersistedStore('browser-notices', false, (kept) => kept === true)

export const inspectorWidthStore = createPersistedStore('inspector-width', 400, (kept) =>
  typeof kept === 'number' && kept >= 280 && kept <= 900 ? kept : null,
)

export const inspectorPinnedStore = createPersistedStore('inspector-pinned', false, (kept) => kept === true)

export function useTimeZone(): TimeZone {
  return useExternalStore(timeZoneStore)
}

export function prefersReducedMotion(): boolean {
  return motionStore.get() === 'reduced' || matchMedia('(prefers-reduced-motion: reduce)').matches
}
