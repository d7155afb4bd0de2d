import { setTimeout as delay } from 'node:timers/promises'
import { toErrorView } from '../../../shared/errors.ts'
import { parseStreamPartId, type StreamPartId } from '../../../shared/message.ts'
import type { GapFillSummary, GapFillView } from '../../../shared/storage.ts'
import type { Clock, Logger, Startable, StoredNotice } from '../ports.ts'
import { CatchUp } from './catch-up.ts'
import { StretchFetcher } from './fetch-stretch.ts'
import { type FollowedGap, GapBook } from './gap-book.ts'
import { GapTurn, type TurnOutcome } from './gap-turn.ts'
import {
  FULL_SCAN_INTERVAL_MS,
  GRACE_MS,
  JOIN_GAPS_WITHIN_MS,
  MAX_CONCURRENT_FILLS,
  MAX_GAPS_PER_PART,
  RETRY_DELAYS_MS,
  SCAN_INTERVAL_MS,
} from './limits.ts'
import { OtherNodes } from './other-nodes.ts'
import type { GapStore, Ingest, StorageNodeDirectory } from './ports.ts'
import { ResendClient } from './resend-client.ts'

export interface GapFillerOptions {
  /** This node's own address, lower-case 0x hex: it does not ask itself. */
  nodeAddress: string
  store: GapStore
  directory: StorageNodeDirectory
  ingest: Ingest
  /** Let storage nodes be on this machine or a private network: only where the whole network is. */
  allowPrivateAddresses: boolean
  /** How long a predecessor may be late before it counts as missing, ms. Default: 5,000. */
  graceMs?: number
  /** Waits between attempts, ms. Default: 10 s to 6 h in six steps; then the gap is given up. */
  retryDelaysMs?: readonly number[]
  scanIntervalMs?: number
  /** A storage node that sends nothing for this long is left, ms. Default: 15,000. */
  silenceDeadlineMs?: number
  clock: Clock
  logger: Logger
}

/**
 * Finds gaps in the message chains of watched stream parts and fills them from the stream's other storage nodes by
 * Streamr's resend. Nothing is taken on trust: what comes is verified like any message, and marked with its source
 * `resend:<address>`.
 */
export interface GapFiller extends Startable {
  /**
   * Follows the gaps of a part from now on. What was missed while the node was down is asked for first: everything
   * since the newest message of an earlier run.
   */
  watch(part: StreamPartId): void
  unwatch(part: StreamPartId): void
  /** To be called for every durable append. */
  stored(notice: StoredNotice): void
  /** Tries again what waits or was given up; of one part, or of all. */
  retry(part?: StreamPartId): void
  gaps(part: StreamPartId): GapFillView[]
  summary(): GapFillSummary
  onChange(listener: () => void): () => void
}

export function createGapFiller(options: GapFillerOptions): GapFiller {
  return new ResendGapFiller(options)
}

class ResendGapFiller implements GapFiller {
  readonly #options: GapFillerOptions
  readonly #book = new GapBook()
  readonly #watched = new Set<StreamPartId>()
  /** Parts in which gaps may have come or gone since the last look. */
  readonly #dirty = new Set<StreamPartId>()
  /** Parts whose missed messages are still to be asked for, with the time of the next attempt. */
  readonly #catchUps = new Map<StreamPartId, { attempts: number; at: number }>()
  readonly #running = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #turn: GapTurn
  readonly #catchUp: CatchUp
  readonly #others: OtherNodes
  #following: Promise<void> = Promise.resolve()
  #lastFullScan = Number.NEGATIVE_INFINITY
  #filled = 0
  #messages = 0

  constructor(options: GapFillerOptions) {
    this.#options = options
    const { store, directory, nodeAddress, ingest, clock, logger, silenceDeadlineMs } = options
    const client = new ResendClient({
      allowPrivateAddresses: options.allowPrivateAddresses,
      ...(silenceDeadlineMs === undefined ? {} : { silenceDeadlineMs }),
    })
    const fetcher = new StretchFetcher({ client, ingest, clock })
    this.#others = new OtherNodes(directory, nodeAddress)
    const onMessages = (count: number): void => {
      this.#messages += count
    }
    this.#turn = new GapTurn({ store, others: this.#others, fetcher, onMessages, logger })
    this.#catchUp = new CatchUp({
      store,
      others: this.#others,
      fetcher,
      onMessages,
      startedAt: clock.now(),
      logger,
    })
  }

  async start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const forget = this.#options.directory.onChange((streamId) => this.#run(this.#onNodesChanged(streamId)))
    this.#following = this.#follow().finally(forget)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#following
    await Promise.all(this.#running)
  }

  watch(part: StreamPartId): void {
    if (this.#watched.has(part)) return
    this.#watched.add(part)
    this.#dirty.add(part)
    this.#catchUps.set(part, { attempts: 0, at: this.#options.clock.now() })
  }

  unwatch(part: StreamPartId): void {
    this.#watched.delete(part)
    this.#dirty.delete(part)
    this.#catchUps.delete(part)
    this.#book.forget(part)
    this.#notify()
  }

  stored({ part }: StoredNotice): void {
    if (this.#watched.has(part)) this.#dirty.add(part)
  }

  retry(part?: StreamPartId): void {
    const now = this.#options.clock.now()
    for (const gap of part === undefined ? this.#book.all() : this.#book.of(part)) {
      if (gap.state === 'asking') continue
      Object.assign(gap, { state: 'waiting', attempts: 0, nextAttemptAt: now })
    }
    this.#notify()
  }

  gaps(part: StreamPartId): GapFillView[] {
    return this.#book.of(part).map((gap) => ({ ...gap }))
  }

  summary(): GapFillSummary {
    let waiting = 0
    let givenUp = 0
    for (const { state } of this.#book.all()) {
      if (state === 'given-up') givenUp += 1
      else waiting += 1
    }
    return { waiting, givenUp, filled: this.#filled, messages: this.#messages }
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #follow(): Promise<void> {
    const { clock, scanIntervalMs = SCAN_INTERVAL_MS } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      if (clock.now() - this.#lastFullScan >= FULL_SCAN_INTERVAL_MS) {
        this.#lastFullScan = clock.now()
        for (const part of this.#watched) this.#dirty.add(part)
      }
      const dirty = [...this.#dirty]
      this.#dirty.clear()
      for (const part of dirty) await this.#look(part)
      this.#takeTurns()
      if (!signal.aborted) await delay(scanIntervalMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Compares what is followed with what the store has. */
  async #look(part: StreamPartId): Promise<void> {
    const { store, clock, graceMs = GRACE_MS, logger } = this.#options
    try {
      const records = await store.gaps(part, MAX_GAPS_PER_PART)
      if (!this.#watched.has(part)) return
      this.#filled += this.#book.update(part, records, clock.now() + graceMs)
      this.#notify()
    } catch (error) {
      logger.warn({ part, error }, 'the gaps of a stream part could not be read')
    }
  }

  #takeTurns(): void {
    const now = this.#options.clock.now()
    for (const [part, { attempts, at }] of this.#catchUps) {
      if (this.#running.size >= MAX_CONCURRENT_FILLS) return
      if (at > now) continue
      this.#catchUps.set(part, { attempts: attempts + 1, at: Number.POSITIVE_INFINITY })
      this.#run(this.#catchUpWith(part))
    }
    for (const gaps of this.#book.due(now, JOIN_GAPS_WITHIN_MS)) {
      if (this.#running.size >= MAX_CONCURRENT_FILLS) return
      for (const gap of gaps) gap.state = 'asking'
      this.#run(this.#ask(gaps))
    }
  }

  async #catchUpWith(part: StreamPartId): Promise<void> {
    const { clock, retryDelaysMs = RETRY_DELAYS_MS } = this.#options
    const isDone = await this.#catchUp.run(part, this.#stopping.signal)
    const state = this.#catchUps.get(part)
    if (state === undefined) return
    const delayMs = retryDelaysMs[state.attempts - 1]
    if (isDone || delayMs === undefined) this.#catchUps.delete(part)
    else state.at = clock.now() + delayMs
  }

  async #ask(gaps: readonly FollowedGap[]): Promise<void> {
    const { clock, retryDelaysMs = RETRY_DELAYS_MS } = this.#options
    const { progressed, sentence } = await this.#takeTurn(gaps)
    for (const gap of gaps) {
      gap.attempts += progressed ? 0 : 1
      gap.sentence = sentence
      const delayMs = progressed ? 0 : retryDelaysMs[gap.attempts - 1]
      gap.state = delayMs === undefined ? 'given-up' : 'waiting'
      gap.nextAttemptAt = delayMs === undefined ? null : clock.now() + delayMs
    }
    for (const part of new Set(gaps.map((gap) => gap.part))) await this.#look(part)
  }

  async #takeTurn(gaps: readonly FollowedGap[]): Promise<TurnOutcome> {
    try {
      return await this.#turn.take(gaps, this.#stopping.signal)
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        this.#options.logger.error({ error }, 'a gap could not be asked for')
      return { progressed: false, sentence: `It could not be asked for: ${toErrorView(error).message}` }
    }
  }

  async #onNodesChanged(streamId: string): Promise<void> {
    const parts = [...this.#watched].filter((part) => parseStreamPartId(part).streamId === streamId)
    if (parts.length === 0 || !(await this.#others.haveChanged(streamId, this.#stopping.signal))) return
    for (const part of parts) this.retry(part)
  }

  #run(task: Promise<void>): void {
    const running = task
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#options.logger.error({ error }, 'gap filling failed')
      })
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }
}
