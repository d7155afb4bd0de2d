import { shortenMiddle } from '../../shared/format/identifier.ts'
import { visibleText } from './visible-text.ts'

const MAX_TITLE_LENGTH = 60

/**
 * Streams as a list to choose from. Titles are their owners' words, and two may be the same: each is told with its part,
 * and once.
 */
export function streamOptions(
  streams: readonly { part: string; title: string }[],
): { value: string; label: string }[] {
  const titles = new Map(streams.map(({ part, title }) => [part, title]))
  return [...titles].map(([part, title]) => {
    const shown = shortenMiddle(visibleText(part), 10, 18)
    const isNamed = title !== '' && title !== part
    return {
      value: part,
      label: isNamed ? `${visibleText(title).slice(0, MAX_TITLE_LENGTH)} · ${shown}` : shown,
    }
  })
}
