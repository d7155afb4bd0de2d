import { type Message, TopicValidatorResult } from '@libp2p/gossipsub'
import type { Clock } from '../../ports.ts'
import {
  ANNOUNCE_AT_MOST_EVERY_MS,
  ANNOUNCEMENT_BURST,
  ANNOUNCEMENTS_PER_SECOND,
  MAX_ANNOUNCEMENT_BYTES,
  MAX_CLOCK_SKEW_MS,
} from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import { type Coverage, coverageTopic, decodeCoverage } from './coverage.ts'
import type { CoverageBook } from './coverage-book.ts'
import { TokenBuckets } from './token-bucket.ts'

export interface AnnouncementValidatorOptions {
  book: CoverageBook
  isBanned: (peerId: string) => boolean
  onAnnouncement: (peerId: string, coverage: Coverage) => void
  clock: Clock
}

/**
 * Judges announcements before gossipsub passes them on. `Reject` is for what no honest node sends, and costs whoever
 * passed it on; what is merely of no use (old, too soon, from a clock that is off) is dropped without blame.
 */
export class AnnouncementValidator {
  readonly #options: AnnouncementValidatorOptions
  readonly #forwarded: TokenBuckets

  constructor(options: AnnouncementValidatorOptions) {
    this.#options = options
    this.#forwarded = new TokenBuckets(ANNOUNCEMENTS_PER_SECOND, ANNOUNCEMENT_BURST, options.clock)
  }

  /** @param forwarder the peer that passed the message on. */
  validate(forwarder: string, message: Message): TopicValidatorResult {
    const { book, isBanned, onAnnouncement, clock } = this.#options
    if (message.type !== 'signed') return TopicValidatorResult.Reject
    const author = message.from.toString()
    if (isBanned(author)) return TopicValidatorResult.Ignore
    if (message.data.length > MAX_ANNOUNCEMENT_BYTES) return TopicValidatorResult.Reject
    if (!this.#forwarded.take(forwarder)) return TopicValidatorResult.Ignore
    const coverage = readOrUndefined(message.data)
    if (coverage === undefined || coverageTopic(coverage.part) !== message.topic)
      return TopicValidatorResult.Reject
    const now = clock.now()
    if (Math.abs(coverage.at - now) > MAX_CLOCK_SKEW_MS) return TopicValidatorResult.Ignore
    const known = book.get(coverage.part, author)
    const isTooSoon = known !== undefined && now - known.heardAt < ANNOUNCE_AT_MOST_EVERY_MS
    if (isTooSoon || (known !== undefined && coverage.at <= known.coverage.at))
      return TopicValidatorResult.Ignore
    onAnnouncement(author, coverage)
    return TopicValidatorResult.Accept
  }
}

function readOrUndefined(bytes: Uint8Array): Coverage | undefined {
  try {
    return decodeCoverage(bytes)
  } catch (error) {
    if (error instanceof PeerFault) return undefined
    throw error
  }
}
