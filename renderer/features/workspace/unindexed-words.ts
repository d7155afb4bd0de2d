import { MAX_FIELDS_PER_PART, type UnindexedValues } from '../../../shared/chart.ts'
import { formatCount } from '../../../shared/format/quantity.ts'

/**
 * What of a stream cannot be drawn, and why, in sentences; null where everything can.
 * @param fields listed without an index
 */
export function unindexedWords(fields: number, { looked, most, unread }: UnindexedValues): string | null {
  const limit = formatCount(MAX_FIELDS_PER_PART)
  const sentences = [
    fields === 0
      ? null
      : `${formatCount(fields)} ${fields === 1 ? 'field is' : 'fields are'} not indexed: a stream has at most ${limit} that can be drawn.`,
    most === 0
      ? null
      : `${formatCount(most)} ${most === 1 ? 'value' : 'values'} of one message ${most === 1 ? 'is' : 'are'} not indexed: beyond its first ${limit}, too deep, too long or not finite.`,
    unread === 0
      ? null
      : `${unread === looked ? 'The newest messages are' : `${unread} of the newest ${looked} messages ${unread === 1 ? 'is' : 'are'}`} not read for fields: no JSON, or more of it than is read.`,
  ].filter((sentence) => sentence !== null)
  return sentences.length === 0 ? null : `${sentences.join(' ')} Messages shows everything.`
}
