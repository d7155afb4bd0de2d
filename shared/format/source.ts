import { shortenMiddle } from './identifier.ts'

/** Ids in a sentence: enough to tell a few nodes apart. */
const HEAD = 8
const TAIL = 6

export interface SourceWords {
  /** It did not come by itself: it was asked for because it was missing. */
  isFilled: boolean
  /** How it came, for a sentence that begins with “Came by”. */
  words: string
}

/** Where a message came from, in words; `source` as the store keeps it. */
export function sourceWords(source: string): SourceWords {
  const colon = source.indexOf(':')
  const kind = colon === -1 ? source : source.slice(0, colon)
  const name = shortenMiddle(colon === -1 ? '' : source.slice(colon + 1), HEAD, TAIL)
  switch (kind) {
    case 'live':
      return { isFilled: false, words: 'the network, as it was published' }
    case 'resend':
      return { isFilled: true, words: `filled from the storage node ${name}` }
    case 'peer':
      return { isFilled: true, words: `filled from the peer ${name}` }
    case 'remote-log':
      return { isFilled: true, words: `restored from the remote log ${name}` }
    case 'mvds':
      return { isFilled: true, words: `the paired node ${name}, which this one is kept in step with` }
    case 'import':
      return { isFilled: true, words: 'an import' }
    default:
      return { isFilled: false, words: source.slice(0, 64) }
  }
}
