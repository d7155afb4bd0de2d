import { setTimeout as delay } from 'node:timers/promises'
import { type ErrorView, toErrorView } from '../../../shared/errors.ts'
import { parseStreamPartId } from '../../../shared/message.ts'
import type { ColumnType, SinkState, SinkView } from '../../../shared/sink.ts'
import type { Clock, Logger, StoredNotice } from '../ports.ts'
import { abortable } from './abortable.ts'
import { COMPARE_INTERVAL_MS, GATHER_MS, RETRY_DELAYS_MS } from './limits.ts'
import type { SinkStore, SinkThread } from './ports.ts'
import { type FindKey, SinkSync } from './sink-sync.ts'

export interface SinkSettings {
  table: string
  part: string
  types: { path: string; type: ColumnType }[]
  isPaused: boolean
}

export interface SinkRunnerOptions {
  settings: SinkSettings
  store: SinkStore
  thread: SinkThread
  findKey: FindKey
  retryDelaysMs?: readonly number[]
  clock: Clock
  logger: Logger
}

/**
 * Keeps one table in step with the store until it is stopped. While the database is away it waits, longer each time up
 * to a bound; the store keeps what comes, and the comparison finds it afterwards.
 */
export class SinkRunner {
  readonly #options: SinkRunnerOptions
  readonly #sync: SinkSync
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #news = Promise.withResolvers<void>()
  #nudge = Promise.withResolvers<void>()
  #state: SinkState = 'connecting'
  #rows: number | null = null
  #unfit = 0
  #omitted = 0
  #columns = 0
  #written = 0
  #changed = 0
  #behind: number | null = null
  #position: number | null = null
  #lastWriteAt: number | null = null
  #problem: ErrorView | null = null
  #nextAttemptAt: number | null = null
  #attempts = 0

  constructor(options: SinkRunnerOptions) {
    this.#options = options
    const { settings, store, thread, findKey, clock } = options
    this.#sync = new SinkSync({
      part: settings.part,
      table: settings.table,
      store,
      thread,
      findKey,
      signal: this.#stopping.signal,
      onWritten: (result, last) => {
        this.#attempts = 0
        this.#rows = (this.#rows ?? 0) + result.inserted
        this.#unfit += result.unfit
        this.#omitted += result.omitted
        this.#written += result.inserted
        this.#changed += result.changed
        this.#columns = result.columns
        this.#lastWriteAt = clock.now()
        if (this.#behind !== null) this.#behind = Math.max(0, this.#behind - result.inserted)
        if (last !== undefined) this.#position = last.id.timestamp
      },
      onBehind: (messages) => {
        this.#behind = messages
        if (messages > 0 && this.#state !== 'live') this.#state = 'filling'
      },
    })
    this.#running = this.#run()
  }

  /** To be called for every durable change of the part. */
  stored({ firstTimestamp, lastTimestamp }: StoredNotice): void {
    this.#sync.touched({ from: firstTimestamp, to: lastTimestamp }, this.#options.clock.now())
    this.#news.resolve()
  }

  /** Tries again at once what waits. */
  retry(): void {
    this.#nudge.resolve()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#news.resolve()
    this.#nudge.resolve()
    await this.#running
  }

  view(): SinkView {
    const { settings, clock, store } = this.#options
    const { problem, spool } = store.status()
    // What comes while the store is away is told of when it is back: until then it is not known to be there.
    const awaySince = spool?.awaySince ?? null
    const waitingSince = this.#sync.waitingSince ?? awaySince
    return {
      table: settings.table,
      part: settings.part,
      state: awaySince !== null && this.#state === 'live' ? 'waiting' : this.#state,
      rows: this.#rows,
      written: this.#written,
      changed: this.#changed,
      columns: this.#columns,
      unfit: this.#unfit,
      omitted: this.#omitted,
      lagMs: waitingSince === null ? 0 : Math.max(0, clock.now() - waitingSince),
      behind: this.#behind,
      position: this.#position,
      lastWriteAt: this.#lastWriteAt,
      problem: this.#problem ?? (awaySince === null ? null : problem),
      nextAttemptAt: this.#nextAttemptAt,
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { retryDelaysMs = RETRY_DELAYS_MS, clock, logger, settings } = this.#options
    while (!signal.aborted) {
      try {
        await this.#follow()
      } catch (error) {
        if (signal.aborted) return
        this.#problem = toErrorView(error)
        logger.warn({ table: settings.table, code: this.#problem.code }, 'a sink cannot write at the moment')
        if (this.#problem.code === 'internal')
          logger.error({ table: settings.table, err: error }, 'a sink failed')
        const wait = retryDelaysMs[Math.min(this.#attempts, retryDelaysMs.length - 1)] ?? 0
        this.#attempts += 1
        this.#state = 'waiting'
        this.#nextAttemptAt = clock.now() + wait
        this.#nudge = Promise.withResolvers<void>()
        await within(wait, this.#nudge.promise)
        this.#nextAttemptAt = null
      }
    }
  }

  async #follow(): Promise<void> {
    const { settings, thread, clock } = this.#options
    const { signal } = this.#stopping
    const { table, part, types } = settings
    const opened = await abortable(
      thread.call('open', [{ table, ...parseStreamPartId(part), types }]),
      signal,
    )
    this.#rows = opened.rows
    this.#unfit = opened.unfit
    this.#omitted = opened.omitted
    this.#columns = opened.columns
    let comparedAt: number | null = null
    while (!signal.aborted) {
      if (comparedAt === null || clock.now() - comparedAt >= COMPARE_INTERVAL_MS) {
        await this.#sync.compareAll()
        comparedAt = clock.now()
      }
      await this.#sync.catchUp(clock.now())
      this.#state = 'live'
      this.#behind = 0
      this.#problem = null
      this.#attempts = 0
      if (this.#sync.isCurrent) await this.#awaitNews()
    }
  }

  /** Waits for news, or for the next comparison; what comes close together is then written together. */
  async #awaitNews(): Promise<void> {
    const { signal } = this.#stopping
    await within(COMPARE_INTERVAL_MS, this.#news.promise)
    this.#news = Promise.withResolvers<void>()
    if (!signal.aborted) await delay(GATHER_MS, undefined, { signal }).catch(() => undefined)
  }
}

/** Resolves with the promise, or after so long; leaves no timer behind. */
async function within(forMs: number, promise: Promise<void>): Promise<void> {
  const timer = new AbortController()
  const ended = delay(forMs, undefined, { signal: timer.signal }).catch(() => undefined)
  await Promise.race([promise, ended])
  timer.abort()
}
