import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_SEQUENCE } from '../../message/limits.ts'
import type { Clock, Logger } from '../../ports.ts'
import type { Announcements } from '../announcements/announcements.ts'
import type { FederatedQueries } from '../federated-query.ts'
import { FIRST_HEALING_MS, HEALING_DEADLINE_MS, STRETCH_MESSAGES } from '../limits.ts'
import type { GossipHost } from '../peers/host.ts'
import { PeriodicPasses } from '../periodic-passes.ts'
import type { ReconcileStore } from '../ports.ts'
import { type Deficit, deficitAgainst } from './deficits.ts'

/** How politely peers are asked in the background. */
export interface HealingRates {
  isOn: boolean
  /** Pause between two passes, seconds. Each pass is about one stream part. */
  everyS: number
  /** Messages compared in one pass, give or take a quarter. */
  messagesPerPass: number
}

export interface HealerOptions {
  host: GossipHost
  announcements: Announcements
  queries: FederatedQueries
  store: ReconcileStore
  /** Read before each pass, so that a change takes effect at once. */
  rates: () => HealingRates
  /** Whether what peers bring of a part is kept; other parts are left alone. */
  isKept: (part: StreamPartId) => boolean
  clock: Clock
  logger: Logger
}

/** What the last pass did. */
export interface HealingPass {
  part: StreamPartId
  /** When it ended, ms since the epoch. */
  at: number
  /** Messages that were compared with peers, and those that peers brought. */
  compared: number
  brought: number
}

/** Asks peers for what is missing here, a little at a time. */
export interface Healer {
  /** The last pass since the start; null before there was one. */
  lastPass(): HealingPass | null
  /** One pass now, after the one that may be under way. Does nothing while healing is off or no peer is connected. */
  pass(): Promise<void>
  stop(): Promise<void>
}

export function startHealer(options: HealerOptions): Healer {
  return new BackgroundHealer(options)
}

/**
 * One part a pass, in turns. A pass asks first where a peer announced more than is held here, once for each
 * announcement, so that a peer that claims what it does not have cannot keep this node busy; without such a place it
 * goes on backwards from where the last pass over that part ended, and from the newest message again at the end.
 */
class BackgroundHealer implements Healer {
  readonly #options: HealerOptions
  readonly #passes: PeriodicPasses
  /** Up to where each part has been compared, ms, going backwards. */
  readonly #cursors = new Map<StreamPartId, number>()
  /** The announcement by each peer of each part that was followed up last. */
  readonly #followedUp = new Map<StreamPartId, Map<string, number>>()
  #turn = 0
  #lastPass: HealingPass | null = null

  constructor(options: HealerOptions) {
    this.#options = options
    this.#passes = new PeriodicPasses({
      firstMs: FIRST_HEALING_MS,
      pauseMs: () => options.rates().everyS * 1_000,
      work: (signal) => this.#passSafely(signal),
    })
  }

  lastPass(): HealingPass | null {
    return this.#lastPass
  }

  pass(): Promise<void> {
    return this.#passes.pass()
  }

  stop(): Promise<void> {
    return this.#passes.stop()
  }

  async #passSafely(signal: AbortSignal): Promise<void> {
    const { rates, host, logger } = this.#options
    if (!rates().isOn || host.vouched().length === 0) return
    const part = this.#nextPart()
    if (part === undefined) return
    try {
      await this.#pass(part, signal)
    } catch (error) {
      if (!signal.aborted) logger.warn({ part, error }, 'a stream part could not be healed')
    }
  }

  #nextPart(): StreamPartId | undefined {
    const { announcements, isKept } = this.#options
    const parts = announcements.followed().filter(isKept)
    for (const known of [this.#cursors, this.#followedUp]) {
      for (const part of known.keys()) if (!announcements.isFollowed(part)) known.delete(part)
    }
    this.#turn += 1
    return parts[this.#turn % parts.length]
  }

  async #pass(part: StreamPartId, signal: AbortSignal): Promise<void> {
    const { queries, rates, clock, logger } = this.#options
    const deficit = await this.#newestDeficit(part, signal)
    const before = deficit === undefined ? this.#cursors.get(part) : deficit.to
    const answer = queries.query({
      query: {
        part,
        order: 'descending',
        ...(deficit === undefined ? {} : { from: { timestamp: deficit.from, sequence: 0 } }),
        ...(before === undefined ? {} : { to: { timestamp: before - 1, sequence: MAX_SEQUENCE } }),
      },
      heal: true,
      preview: false,
      stretchMessages: Math.min(STRETCH_MESSAGES, Math.ceil(rates().messagesPerPass / 4)),
      deadlineMs: HEALING_DEADLINE_MS,
      signal,
    })
    let compared = 0
    let reached: number | undefined
    for await (const { messages } of answer) {
      compared += messages.length
      if (compared < rates().messagesPerPass) continue
      reached = messages.at(-1)?.id.timestamp
      break
    }
    if (deficit === undefined) this.#moveCursor(part, reached, before)
    const { brought } = answer.report()
    this.#lastPass = { part, at: clock.now(), compared, brought }
    if (brought > 0) logger.info(this.#lastPass, 'peers brought what was missing')
  }

  /** The next pass begins where this one ended, whole milliseconds; from the newest message at the end. */
  #moveCursor(part: StreamPartId, reached: number | undefined, before: number | undefined): void {
    if (reached === undefined) this.#cursors.delete(part)
    else this.#cursors.set(part, Math.min(reached + 1, (before ?? Number.POSITIVE_INFINITY) - 1))
  }

  async #newestDeficit(part: StreamPartId, signal: AbortSignal): Promise<Deficit | undefined> {
    const { announcements, store } = this.#options
    const followedUp = this.#followedUp.get(part) ?? new Map<string, number>()
    this.#followedUp.set(part, followedUp)
    const heard = announcements.heard(part)
    for (const peerId of followedUp.keys()) {
      if (!heard.some((one) => one.peerId === peerId)) followedUp.delete(peerId)
    }
    let newest: Deficit | undefined
    for (const one of heard) {
      if (followedUp.get(one.peerId) === one.heardAt) continue
      followedUp.set(one.peerId, one.heardAt)
      const deficit = await deficitAgainst(store, part, one, signal)
      if (deficit !== undefined && deficit.to > (newest?.to ?? 0)) newest = deficit
    }
    return newest
  }
}
