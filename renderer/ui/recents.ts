import { createPersistedStore } from './external-store.ts'

/** A place somebody was at: a screen of a stream, as a path of the portal. */
export interface RecentPlace {
  path: string
  /** What the stream is called, and where in the portal it was. */
  title: string
  screen: string
}

/** Places that are remembered: as many as one looks through. */
export const MAX_RECENTS = 12
const MAX_PATH_LENGTH = 4_096
const MAX_TITLE_LENGTH = 200

function isPlace(value: unknown): value is RecentPlace {
  if (typeof value !== 'object' || value === null) return false
  const { path, title, screen } = value as Record<string, unknown>
  return (
    typeof path === 'string' &&
    path.startsWith('/') &&
    path.length <= MAX_PATH_LENGTH &&
    typeof title === 'string' &&
    title.length <= MAX_TITLE_LENGTH &&
    typeof screen === 'string' &&
    screen.length <= MAX_TITLE_LENGTH
  )
}

/** Newest first; what was kept by another version or by hand is read as far as it is one of these. */
export const recentsStore = createPersistedStore<readonly RecentPlace[]>('recents', [], (kept) =>
  Array.isArray(kept) ? kept.filter(isPlace).slice(0, MAX_RECENTS) : null,
)

/** The list with a place at its head; a place is one stream on one screen, in its newest form. */
export function withRecent(places: readonly RecentPlace[], place: RecentPlace): readonly RecentPlace[] {
  if (!isPlace(place)) return places
  const others = places.filter(({ title, screen }) => title !== place.title || screen !== place.screen)
  return [place, ...others].slice(0, MAX_RECENTS)
}
