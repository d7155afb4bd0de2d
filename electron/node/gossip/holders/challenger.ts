import type { StreamPartId } from '../../../../shared/message.ts'
import { MAX_SEQUENCE } from '../../message/limits.ts'
import type { Clock, Logger, StoredMessage } from '../../ports.ts'
import type { Announcements } from '../announcements/announcements.ts'
import type { Coverage } from '../announcements/coverage.ts'
import type { HeardCoverage } from '../announcements/coverage-book.ts'
import {
  CHALLENGE_EVERY_MS,
  CHALLENGED_STRETCHES,
  CHALLENGES_PER_PASS,
  FIRST_CHALLENGE_MS,
  MAX_CHALLENGE_RECORDS,
} from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { GossipHost } from '../peers/host.ts'
import { PeriodicPasses } from '../periodic-passes.ts'
import type { ReconcileStore } from '../ports.ts'
import type { Holders } from './holders.ts'

/** How a peer has done when it was asked for messages that it claims to cover. */
export interface ChallengeRecord {
  asked: number
  /** Handed out, with the digest that was asked for. */
  held: number
  lacked: number
  unanswered: number
  /** ms since the epoch. */
  lastAt: number
}

export interface ChallengerOptions {
  host: GossipHost
  announcements: Announcements
  holders: Holders
  store: ReconcileStore
  clock: Clock
  logger: Logger
  /** 0 up to but not including 1. Default: `Math.random`. */
  random?: () => number
}

/** Asks peers at random for messages in what they say they cover: a claim costs nothing, a message has to be there. */
export interface Challenger {
  /** By Streamr address, since the start. */
  recordOf(address: string): ChallengeRecord | null
  /** One round now, after the one that may be under way. */
  pass(): Promise<void>
  stop(): Promise<void>
}

export function startChallenger(options: ChallengerOptions): Challenger {
  return new RandomChallenger(options)
}

class RandomChallenger implements Challenger {
  readonly #options: ChallengerOptions
  readonly #random: () => number
  readonly #records = new Map<string, ChallengeRecord>()
  readonly #passes: PeriodicPasses
  readonly #forgetPeers: () => void

  constructor(options: ChallengerOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
    this.#passes = new PeriodicPasses({
      firstMs: FIRST_CHALLENGE_MS,
      pauseMs: () => CHALLENGE_EVERY_MS,
      work: (signal) => this.#passSafely(signal),
    })
    // By then it has announced what it covers.
    this.#forgetPeers = options.host.onPeer(({ address }, event) => {
      if (event === 'joined' && !this.#records.has(address)) this.#passes.passWithin(FIRST_CHALLENGE_MS)
    })
  }

  recordOf(address: string): ChallengeRecord | null {
    const record = this.#records.get(address)
    return record === undefined ? null : { ...record }
  }

  pass(): Promise<void> {
    return this.#passes.pass()
  }

  stop(): Promise<void> {
    this.#forgetPeers()
    return this.#passes.stop()
  }

  async #passSafely(signal: AbortSignal): Promise<void> {
    const { announcements, logger } = this.#options
    const part = this.#pick(announcements.followed().filter((one) => announcements.heard(one).length > 0))
    if (part === undefined) return
    try {
      for (const heard of this.#shuffled(announcements.heard(part)).slice(0, CHALLENGES_PER_PASS)) {
        await this.#challenge(part, heard, signal)
      }
    } catch (error) {
      if (!signal.aborted) logger.warn({ part, error }, 'peers could not be challenged')
    }
  }

  async #challenge(
    part: StreamPartId,
    { peerId, coverage }: HeardCoverage,
    signal: AbortSignal,
  ): Promise<void> {
    const { host, holders, clock } = this.#options
    const peer = host.vouched().find((one) => one.peerId === peerId)
    if (peer === undefined) return
    // What it announced last may be from when it had just begun, and all of it in part: then it is asked what it says now.
    const message =
      (await this.#messageOf(part, coverage, signal)) ??
      (await this.#messageOf(part, await this.#claimNow(part, peerId, signal), signal))
    if (message === undefined) return
    const { answer } = await holders.ask(peerId, message, signal)
    const record = this.#records.get(peer.address) ?? {
      asked: 0,
      held: 0,
      lacked: 0,
      unanswered: 0,
      lastAt: 0,
    }
    record.asked += 1
    record.lastAt = clock.now()
    if (answer === 'holds') record.held += 1
    else if (answer === 'lacks') record.lacked += 1
    else record.unanswered += 1
    this.#remember(peer.address, record)
    // It may hold others of the same stretch in its place: a suspicion, which alone never bans.
    if (answer === 'lacks') host.report(peerId, { suspicion: 'withheld' })
    else if (answer === 'holds') host.report(peerId, 'answered')
  }

  /** A message held here that the peer should have by what it claims. */
  async #messageOf(
    part: StreamPartId,
    coverage: Coverage | undefined,
    signal: AbortSignal,
  ): Promise<StoredMessage | undefined> {
    if (coverage === undefined) return undefined
    const { counts } = coverage
    const claimed = [...counts.keys()].filter((bucket) => (counts[bucket] ?? 0) > 0)
    for (const bucket of this.#shuffled(claimed).slice(0, CHALLENGED_STRETCHES)) {
      const message = await this.#messageIn(part, coverage, bucket, signal)
      if (message !== undefined) return message
    }
    return undefined
  }

  /** One from a bucket of which the peer claims to have at least as many as are held here. */
  async #messageIn(
    part: StreamPartId,
    { grid, counts }: Coverage,
    bucket: number,
    signal: AbortSignal,
  ): Promise<StoredMessage | undefined> {
    const { store } = this.#options
    const from = grid.start + bucket * grid.widthMs
    const at = from + Math.floor(this.#random() * grid.widthMs)
    const to = from + grid.widthMs - 1
    const rows = await store.fingerprints(part, grid.levelMs, from, to + 1, signal)
    const own = rows.counts.reduce((sum, count) => sum + count, 0)
    if (own === 0 || own > (counts[bucket] ?? 0)) return undefined
    return (
      (await firstFrom(store, part, { from: at, to }, signal)) ??
      (await firstFrom(store, part, { from, to }, signal))
    )
  }

  /** What a peer says it covers now, or nothing if it does not say. */
  async #claimNow(part: StreamPartId, peerId: string, signal: AbortSignal): Promise<Coverage | undefined> {
    try {
      return await this.#options.announcements.ask(peerId, { part, range: undefined }, signal)
    } catch (error) {
      if (error instanceof PeerFault) return undefined
      throw error
    }
  }

  #remember(address: string, record: ChallengeRecord): void {
    this.#records.delete(address)
    this.#records.set(address, record)
    const oldest = this.#records.keys().next()
    if (this.#records.size > MAX_CHALLENGE_RECORDS && oldest.done !== true) this.#records.delete(oldest.value)
  }

  #pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.#random() * from.length)]
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    const shuffled: T[] = []
    while (left.length > 0) shuffled.push(...left.splice(Math.floor(this.#random() * left.length), 1))
    return shuffled
  }
}

async function firstFrom(
  store: ReconcileStore,
  part: StreamPartId,
  { from, to }: { from: number; to: number },
  signal: AbortSignal,
): Promise<StoredMessage | undefined> {
  const query = {
    part,
    from: { timestamp: from, sequence: 0 },
    to: { timestamp: to, sequence: MAX_SEQUENCE },
    verdicts: ['verified'],
    limit: 1,
  } as const
  for await (const [message] of store.query(query, signal)) return message
  return undefined
}
