import type { StreamSearchResult } from '../../../shared/stream.ts'

/** The node answers with so many at most. */
const MAX_HITS = 50

export type SearchState = 'searching' | 'failed' | 'done'

/** What the list is of; that nothing matches is said only when all that might was looked through. */
export function wordsOfSearch(found: StreamSearchResult, state: SearchState): string {
  const { hits, limits } = found
  if (state === 'failed') return 'Streams cannot be searched at the moment; an exact id still works.'
  if (hits.length === 0) {
    if (state === 'searching') return 'Searching…'
    return limits === null
      ? 'No stream in the registry matches.'
      : 'The registry cannot be reached, so whether a stream matches is not known.'
  }
  const count = hits.length === MAX_HITS ? `First ${MAX_HITS}` : `${hits.length}`
  return limits === null
    ? `${count} in the registry`
    : `${count} of the streams known here; the registry cannot be reached`
}
