import { setTimeout as delay } from 'node:timers/promises'
import { type MessageId, parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'
import type { VerdictChange } from '../../../shared/verdict-history.ts'
import type {
  Clock,
  Logger,
  MessageQuery,
  MessageStore,
  PermissionOracle,
  Startable,
  StoredMessage,
} from '../ports.ts'
import { type Review, reviewMessages } from './permission-review.ts'
import { RecentStreams } from './recent-streams.ts'
import type { VerdictHistory } from './verdict-history.ts'
import type { VerifierPool } from './verifier-pool.ts'

export interface PendingReviewOptions {
  store: Pick<MessageStore, 'pending' | 'query' | 'statistics' | 'decide'>
  verifier: Pick<VerifierPool, 'decide'>
  permissions: PermissionOracle
  /** Told what changed, after it is on disk. */
  history?: Pick<VerdictHistory, 'add'>
  clock: Clock
  logger: Logger
  /** First and longest wait between two looks at what is pending, ms. Default: 5 s and 5 min. */
  firstDelayMs?: number
  lastDelayMs?: number
}

/**
 * Decides later, without being asked, what could not be decided when it came: again and again with a growing wait,
 * and at once when the registry says that a stream has changed. Then the stream's recent messages are looked at
 * too: a right counts as going on until the chain says otherwise, and that may be after they were stored.
 */
export interface PendingReview extends Startable {
  /** Looks at everything that is pending now; resolves to the number of verdicts that changed. */
  reviewPending(signal?: AbortSignal): Promise<number>
}

const FIRST_DELAY_MS = 5_000
const LAST_DELAY_MS = 300_000

/** Changes that come within this time, ms, are looked at together. */
const GATHER_MS = 500

/** How far back recent messages go, ms, and how many of a stream part, the newest first. */
const RECENT_WINDOW_MS = 600_000
const MAX_RECENT_MESSAGES = 20_000

/** Pending messages looked at together. */
const PAGE_MESSAGES = 512

export function createPendingReview(options: PendingReviewOptions): PendingReview {
  return new BackOffReview(options)
}

class BackOffReview implements PendingReview {
  readonly #options: PendingReviewOptions
  readonly #ended = new AbortController()
  readonly #recent = new RecentStreams()
  #unsubscribe: () => void = () => undefined
  #task: Promise<void> = Promise.resolve()
  #changed = Promise.withResolvers<void>()

  constructor(options: PendingReviewOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#options.permissions.onChange((streamId) => {
      this.#recent.want(streamId)
      this.#changed.resolve()
    })
    this.#task = this.#run(this.#ended.signal)
  }

  async stop(): Promise<void> {
    this.#unsubscribe()
    this.#ended.abort()
    await this.#task
  }

  async reviewPending(signal?: AbortSignal): Promise<number> {
    const { store } = this.#options
    let changes = 0
    let after: MessageId | undefined
    while (signal?.aborted !== true) {
      const page = await store.pending(PAGE_MESSAGES, after)
      const last = page[page.length - 1]
      if (last === undefined) break
      after = last.id
      changes += await this.#review(page)
    }
    return changes
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { firstDelayMs = FIRST_DELAY_MS, lastDelayMs = LAST_DELAY_MS, clock, logger } = this.#options
    let delayMs = firstDelayMs
    let hasFailed = false
    while (!signal.aborted) {
      // What is due stays due while the store is away: the wait alone keeps this from asking without a pause.
      const dueMs = hasFailed ? delayMs : Math.min(delayMs, this.#recent.delayMs(clock.now()))
      const hasChanged = await this.#sleep(dueMs, signal)
      if (signal.aborted) return
      try {
        const changes = (await this.reviewPending(signal)) + (await this.#reviewRecent(signal))
        if (changes > 0) logger.info({ changes }, 'Verdicts were decided again')
        delayMs = hasChanged || changes > 0 ? firstDelayMs : Math.min(delayMs * 2, lastDelayMs)
        hasFailed = false
      } catch (error) {
        if (signal.aborted) return
        logger.warn({ error }, 'Verdicts could not be decided again; it is tried later')
        delayMs = Math.min(delayMs * 2, lastDelayMs)
        hasFailed = true
      }
    }
  }

  /** Waits for the time or for a change, whichever comes first, and says whether it was a change. */
  async #sleep(delayMs: number, signal: AbortSignal): Promise<boolean> {
    const timer = new AbortController()
    const ended = AbortSignal.any([signal, timer.signal])
    const slept = delay(delayMs, false, { signal: ended }).catch(() => false)
    const hasChanged = await Promise.race([this.#changed.promise.then(() => true), slept])
    timer.abort()
    if (!hasChanged) return false
    await delay(GATHER_MS, undefined, { signal }).catch(() => undefined)
    this.#changed = Promise.withResolvers()
    return true
  }

  async #reviewRecent(signal: AbortSignal): Promise<number> {
    const now = this.#options.clock.now()
    const streams = new Set(this.#recent.take(now))
    if (streams.size === 0) return 0
    let changes = 0
    for (const { part } of await this.#options.store.statistics()) {
      if (streams.has(parseStreamPartId(part).streamId)) changes += await this.#reviewPart(part, now, signal)
    }
    return changes
  }

  async #reviewPart(part: StreamPartId, now: number, signal: AbortSignal): Promise<number> {
    const query: MessageQuery = {
      part,
      from: { timestamp: Math.max(0, now - RECENT_WINDOW_MS), sequence: 0 },
      last: MAX_RECENT_MESSAGES,
      verdicts: ['verified', 'unauthorised'],
    }
    let changes = 0
    for await (const page of this.#options.store.query(query, signal)) changes += await this.#review(page)
    return changes
  }

  async #review(messages: readonly StoredMessage[]): Promise<number> {
    const reviews = await reviewMessages(messages, this.#options)
    if (reviews.length === 0) return 0
    const { store, history, clock } = this.#options
    await store.decide(reviews.map(({ update }) => update))
    const at = clock.now()
    history?.add(reviews.map((review) => toChange(review, at)))
    return reviews.length
  }
}

function toChange({ update, message, evidence }: Review, at: number): VerdictChange {
  const { id, digest, verdict, reason } = update
  return {
    at,
    id,
    digest: Buffer.from(digest).toString('hex'),
    from: { verdict: message.verdict, reason: message.reason },
    to: { verdict, reason },
    because: evidence && {
      block: evidence.block,
      blockTimestamp: evidence.blockTimestamp,
      transaction: evidence.transaction,
    },
  }
}
