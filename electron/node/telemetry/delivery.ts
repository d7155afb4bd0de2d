import { randomBytes } from 'node:crypto'
import { TidemarkError } from '../../../shared/errors.ts'
import { streamPartId } from '../../../shared/message.ts'
import type { Clock, Logger, Startable } from '../ports.ts'
import {
  DELIVERY_BURST,
  DELIVERY_DEADLINE_MS,
  DELIVERY_FIRST_BACK_OFF_MS,
  DELIVERY_LONGEST_BACK_OFF_MS,
  DELIVERY_PAUSE_MS,
  DELIVERY_SETTLE_MS,
  DELIVERY_TICK_MS,
} from './limits.ts'
import { OUTBOX_START, type Outbox, type OutboxCursor, type OutboxEntry } from './outbox.ts'

/** What delivery needs of the Streamr network; the adapter has it. */
export interface DeliveryNetwork {
  publish(
    streamId: string,
    content: Record<string, unknown>,
    options: { timestamp: number; partition: number; chain: string },
  ): Promise<unknown>
  isConnected(): boolean
  neighbours(part: string): readonly string[]
}

export interface DeliveryOptions {
  network: DeliveryNetwork
  outbox: Outbox
  streamId: string
  partition: number
  /**
   * Whether a message needs somebody who takes it. Without neighbours a publication goes nowhere, so it waits; a host
   * that stores its own stream itself needs none.
   */
  needsNeighbours: boolean
  /** Time neighbours must stay for what they were sent to count as delivered, ms. */
  settleMs?: number
  logger: Logger
  clock: Clock
}

export interface DeliveryStatus {
  state: 'stopped' | 'waiting' | 'delivering' | 'backing-off'
  delivered: number
  /** Sent again, because the neighbours were lost soon after. */
  repeated: number
  failed: number
  lastDeliveredAt: number | null
  /** The newest failure since the last success. */
  failure: { at: number; message: string } | null
}

export interface Delivery extends Startable {
  /** Something new is in the outbox. */
  kick(): void
  status(): DeliveryStatus
}

/**
 * Publishes what is in an outbox, oldest first, each with the time it was measured at, for as long as it takes:
 * what was measured without a network is published when there is one. Delivery is at least once.
 */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new OutboxDelivery(options)
}

class OutboxDelivery implements Delivery {
  readonly #options: DeliveryOptions
  readonly #settleMs: number
  readonly #stopping = new AbortController()
  /** The message chain each source publishes in, and the newest time in it. */
  readonly #chains = new Map<string, { id: string; timestamp: number }>()
  #cursor: OutboxCursor = OUTBOX_START
  #unsettled: { id: number; sentAt: number }[] = []
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isRunning = false
  #failuresInRow = 0
  #backOffUntil = Number.NEGATIVE_INFINITY
  readonly #counts: Omit<DeliveryStatus, 'state'> = {
    delivered: 0,
    repeated: 0,
    failed: 0,
    lastDeliveredAt: null,
    failure: null,
  }

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#settleMs = options.needsNeighbours ? (options.settleMs ?? DELIVERY_SETTLE_MS) : 0
  }

  status(): DeliveryStatus {
    if (!this.#isRunning) return { state: 'stopped', ...this.#counts }
    if (performance.now() < this.#backOffUntil) return { state: 'backing-off', ...this.#counts }
    return { state: this.#isReachable() ? 'delivering' : 'waiting', ...this.#counts }
  }

  async start(): Promise<void> {
    this.#isRunning = true
    this.kick()
  }

  /** What was sent to neighbours that are still there counts as delivered; the rest stays for the next start. */
  async stop(): Promise<void> {
    if (!this.#isRunning) return
    this.#isRunning = false
    this.#stopping.abort()
    clearTimeout(this.#timer)
    await this.#round
    if (this.#isReachable()) this.#settle(Number.POSITIVE_INFINITY)
  }

  kick(): void {
    if (!this.#isRunning || this.#round !== undefined) return
    clearTimeout(this.#timer)
    this.#round = this.#deliver()
      .catch((error: unknown) => {
        // The outbox itself failed, a full disk perhaps: the next round sees to it.
        this.#options.logger.error({ error }, 'the outbox could not be read')
        return DELIVERY_LONGEST_BACK_OFF_MS
      })
      .then((waitMs) => {
        this.#round = undefined
        if (this.#isRunning) this.#timer = setTimeout(() => this.kick(), waitMs)
      })
  }

  #isReachable(): boolean {
    const { network, needsNeighbours, streamId, partition } = this.#options
    if (!network.isConnected()) return false
    return !needsNeighbours || network.neighbours(streamPartId(streamId, partition)).length > 0
  }

  /** One round; answers how long to wait for the next, ms. */
  async #deliver(): Promise<number> {
    const { outbox, clock } = this.#options
    if (!this.#isReachable()) {
      this.#takeBack()
      return DELIVERY_TICK_MS
    }
    this.#settle(performance.now() - this.#settleMs)
    const backOffMs = this.#backOffUntil - performance.now()
    if (backOffMs > 0) return Math.min(backOffMs, DELIVERY_TICK_MS)
    const entries = outbox.read(this.#cursor, clock.now(), DELIVERY_BURST)
    for (const entry of entries) {
      if (!this.#isRunning) break
      if (!(await this.#publish(entry))) return DELIVERY_TICK_MS
      this.#cursor = { dueAt: entry.dueAt, id: entry.id }
      this.#unsettled.push({ id: entry.id, sentAt: performance.now() })
    }
    if (this.#settleMs === 0) this.#settle(Number.POSITIVE_INFINITY)
    return entries.length === DELIVERY_BURST ? DELIVERY_PAUSE_MS : DELIVERY_TICK_MS
  }

  /** The neighbours are gone: what they were sent just now may not have come anywhere. */
  #takeBack(): void {
    this.#cursor = OUTBOX_START
    this.#chains.clear()
    this.#counts.repeated += this.#unsettled.length
    this.#unsettled = []
  }

  /** @param sentBefore by the monotonic clock */
  #settle(sentBefore: number): void {
    const settled = this.#unsettled.filter(({ sentAt }) => sentAt <= sentBefore)
    if (settled.length === 0) return
    this.#options.outbox.remove(settled.map(({ id }) => id))
    this.#unsettled = this.#unsettled.filter(({ sentAt }) => sentAt > sentBefore)
  }

  async #publish(entry: OutboxEntry): Promise<boolean> {
    const { network, streamId, partition, clock, logger } = this.#options
    const chain = this.#chainOf(entry)
    try {
      const sending = network.publish(streamId, entry.content, {
        timestamp: entry.timestamp,
        partition,
        chain: chain.id,
      })
      await withDeadline(sending, this.#stopping.signal)
    } catch (error) {
      // It may have been given its place in the chain: the next try must not name it as its predecessor.
      this.#chains.delete(entry.source)
      if (!this.#stopping.signal.aborted) this.#failed(error)
      return false
    }
    chain.timestamp = entry.timestamp
    if (this.#failuresInRow > 0) logger.info({ failures: this.#failuresInRow }, 'publishing works again')
    this.#failuresInRow = 0
    this.#counts.delivered += 1
    this.#counts.lastDeliveredAt = clock.now()
    this.#counts.failure = null
    return true
  }

  /** Times only ascend in a chain: a clock that was set back begins a new one. */
  #chainOf({ source, timestamp }: OutboxEntry): { id: string; timestamp: number } {
    const known = this.#chains.get(source)
    if (known !== undefined && known.timestamp <= timestamp) return known
    const chain = { id: `${source}-${randomBytes(8).toString('hex')}`, timestamp }
    this.#chains.set(source, chain)
    return chain
  }

  #failed(error: unknown): void {
    const { logger, clock } = this.#options
    const backOffMs = Math.min(
      DELIVERY_FIRST_BACK_OFF_MS * 2 ** this.#failuresInRow,
      DELIVERY_LONGEST_BACK_OFF_MS,
    )
    this.#failuresInRow += 1
    this.#backOffUntil = performance.now() + backOffMs
    this.#counts.failed += 1
    const message = error instanceof TidemarkError ? error.message : 'It could not be published.'
    this.#counts.failure = { at: clock.now(), message }
    // One line for each outage and one at its end, not one a try.
    if (this.#failuresInRow === 1) logger.warn({ error }, 'a measurement was not published; it is kept')
  }
}

/** Settles with the promise, or rejects at the deadline or when the signal says so. */
async function withDeadline(promise: Promise<unknown>, stopping: AbortSignal): Promise<void> {
  stopping.throwIfAborted()
  const { promise: ended, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(stopping.reason)
  const timer = setTimeout(
    () => reject(new TidemarkError('timeout', 'It took too long.', 'It is tried again.')),
    DELIVERY_DEADLINE_MS,
  )
  stopping.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([promise, ended])
  } finally {
    clearTimeout(timer)
    stopping.removeEventListener('abort', onAbort)
  }
}
