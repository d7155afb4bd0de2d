import { formatDuration } from '../../../../shared/format/quantity.ts'
import type { Condition, ProvenanceFault } from '../../../../shared/rules/rule.ts'

/** Longest text of a value that is quoted in a sentence, in UTF-16 units. */
const MAX_QUOTED_LENGTH = 80

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 6 })

/** A value as a sentence quotes it: hostile text is cut, never interpreted. */
export function quoted(value: unknown): string {
  if (typeof value === 'number') return number.format(value)
  const text = typeof value === 'string' ? value : String(value)
  return text.length > MAX_QUOTED_LENGTH ? `“${text.slice(0, MAX_QUOTED_LENGTH)}…”` : `“${text}”`
}

/** What was seen of a value when its condition began to hold. */
export function sentenceOf(condition: Condition, value: unknown): string {
  switch (condition.kind) {
    case 'threshold':
      return `${condition.field} is ${quoted(value)}, ${condition.op} ${quoted(condition.value)}.`
    case 'silence':
      return `Nothing came for ${formatDuration(condition.afterMs)}.`
    case 'frequency':
      return `${quoted(value)} messages came in ${formatDuration(condition.windowMs)}${
        typeof value === 'number' && condition.min !== undefined && value < condition.min
          ? `, fewer than ${quoted(condition.min)}.`
          : `, more than ${quoted(condition.max)}.`
      }`
    case 'change':
      return `${condition.field} became ${quoted(value)}.`
    case 'stuck':
      return `${condition.field} has been ${quoted(value)} for ${formatDuration(condition.afterMs)}.`
    case 'jump':
      return `${condition.field} jumped to ${quoted(value)}, by ${quoted(condition.by)} or more.`
    case 'counter':
      return `${condition.field} went back to ${quoted(value)}.`
    case 'missed-blocks':
      return `${condition.field} grew by more than ${quoted(condition.max)} in ${formatDuration(condition.windowMs)}, to ${quoted(value)}.`
    case 'lag':
      return `${condition.field} is ${quoted(value)}, more than ${quoted(condition.by)} behind the median of all.`
    case 'schema':
      return 'The content is not what the schema allows.'
    case 'publishers':
      return 'A message of somebody who is not on the list.'
    case 'provenance':
      return FAULTS[value as ProvenanceFault]
  }
}

const FAULTS: Record<ProvenanceFault, string> = {
  gap: 'A message names a predecessor that did not come.',
  equivocation: 'Two messages with different contents claim the same place.',
  forged: 'A message came with a signature that is not its publisher’s.',
  unauthorised: 'A message came from somebody who may not publish here.',
}
