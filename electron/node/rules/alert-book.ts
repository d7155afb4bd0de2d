import { type ErrorView, TidemarkError, toErrorView } from '../../../shared/errors.ts'
import type { AlertCounts, AlertMark, AlertView, SilenceView } from '../../../shared/rules/alert.ts'
import type { PreviewReport } from '../../../shared/rules/preview.ts'
import type { Rule } from '../../../shared/rules/rule.ts'
import type { Clock, Logger, Startable, StoredNotice } from '../ports.ts'
import { Courier } from './channels/courier.ts'
import type { LateStretch } from './engine/late-stretches.ts'
import type { PreviewRequest } from './engine/preview.ts'
import type { RoundReport, RuleMethods } from './engine/rule-methods.ts'
import type { AlertListQuery } from './file/alert-table.ts'
import type { NewSilence } from './file/silence-table.ts'
import { JUDGE_INTERVAL_MS, MAX_LATE_STRETCHES } from './limits.ts'
import type { SecretBox } from './ports.ts'

/** The thread that judges, as the window's thread calls it. */
export interface RuleThread {
  call<Name extends keyof RuleMethods & string>(
    method: Name,
    args: Parameters<RuleMethods[Name]>,
  ): Promise<Awaited<ReturnType<RuleMethods[Name]>>>
  close(): Promise<void>
}

/** How the judging goes. */
export interface JudgingState {
  counts: AlertCounts
  /** Message time up to which everything is judged, ms; null without rules. */
  judgedUpTo: number | null
  beyondBounds: { publishers: number; alerts: number }
  /** Why nothing is judged at the moment. */
  problem: ErrorView | null
}

/** Rules and alerts, as windows and commands see them. */
export interface AlertBook extends Startable {
  /** To be called with everything that is stored. */
  stored(notice: StoredNotice): void
  state(): JudgingState
  /** Judges at once what is due; otherwise it happens every second. */
  judge(): Promise<void>
  rules(): Promise<readonly Rule[]>
  setRules(rules: readonly Rule[]): Promise<void>
  alerts(query: AlertListQuery): Promise<AlertView[]>
  /** One alert, open or over; null when there is none by that id, or it has been forgotten. */
  alert(id: string): Promise<AlertView | null>
  /** Stretches in which alerts fired, the newest first and at most `MAX_MARKS`. */
  marks(part: string, from: number, to: number): Promise<AlertMark[]>
  acknowledge(ids: readonly string[], isIt: boolean): Promise<number>
  silences(): Promise<SilenceView[]>
  addSilence(silence: NewSilence): Promise<void>
  endSilence(id: number): Promise<void>
  /** Who is told. */
  readonly channels: Pick<Courier, 'channels' | 'deliveries' | 'put' | 'remove' | 'test' | 'onDesktopNotice'>
  preview(request: PreviewRequest, signal?: AbortSignal): AsyncGenerator<PreviewReport, void, void>
}

export interface AlertBookOptions {
  thread: RuleThread
  /** Seals the secrets of channels. */
  secretBox: SecretBox
  clock: Clock
  logger: Logger
  /** Alerts, rules or silences are other than before. */
  onChange: (counts: AlertCounts) => void
}

const NONE: AlertCounts = { firing: 0, pending: 0, acknowledged: 0, worst: null }

class Book implements AlertBook {
  readonly #options: AlertBookOptions
  readonly channels: Courier
  #state: JudgingState = {
    counts: NONE,
    judgedUpTo: null,
    beyondBounds: { publishers: 0, alerts: 0 },
    problem: null,
  }
  #positions: Record<string, number> = {}
  #late: LateStretch[] = []
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  #isStopped = false

  constructor(options: AlertBookOptions) {
    this.#options = options
    this.channels = new Courier({ ...options, onChange: () => options.onChange(this.#state.counts) })
  }

  async start(): Promise<void> {
    const { thread, clock } = this.#options
    this.#state.counts = await thread.call('open', [clock.now()])
    await this.channels.start()
    this.#plan()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    await this.#round
    await this.channels.stop()
    const { thread, clock, logger } = this.#options
    await thread.call('close', [clock.now()]).catch((error: unknown) => {
      logger.warn(
        { error },
        'rules were not put on disk at the stop; they go on from the last time they were',
      )
    })
    await thread.close()
  }

  stored({ part, stored, verdicts, firstTimestamp, lastTimestamp }: StoredNotice): void {
    const position = this.#positions[part]
    // Messages that were pending and are verified now count among the late ones, too.
    if (position === undefined || firstTimestamp > position) return
    if (stored === 0 && verdicts.verified <= 0) return
    if (this.#late.length >= MAX_LATE_STRETCHES) this.#late.shift()
    const forged = stored > 0 && verdicts.forged > 0
    const unauthorised = stored > 0 && verdicts.unauthorised > 0
    const receivedAt = this.#options.clock.now()
    this.#late.push({ part, from: firstTimestamp, to: lastTimestamp, receivedAt, forged, unauthorised })
  }

  state(): JudgingState {
    return this.#state
  }

  judge(): Promise<void> {
    this.#round ??= this.#judge().finally(() => {
      this.#round = undefined
    })
    return this.#round
  }

  rules(): Promise<readonly Rule[]> {
    return this.#options.thread.call('rules', [])
  }

  async setRules(rules: readonly Rule[]): Promise<void> {
    const { thread, clock } = this.#options
    await thread.call('setRules', [rules, clock.now()])
    await this.judge()
  }

  alerts(query: AlertListQuery): Promise<AlertView[]> {
    return this.#options.thread.call('alerts', [query, this.#options.clock.now()])
  }

  alert(id: string): Promise<AlertView | null> {
    return this.#options.thread.call('alert', [id, this.#options.clock.now()])
  }

  marks(part: string, from: number, to: number): Promise<AlertMark[]> {
    return this.#options.thread.call('marks', [part, from, to])
  }

  async acknowledge(ids: readonly string[], isIt: boolean): Promise<number> {
    const changed = await this.#options.thread.call('acknowledge', [ids, isIt, this.#options.clock.now()])
    await this.judge()
    return changed
  }

  silences(): Promise<SilenceView[]> {
    return this.#options.thread.call('silences', [this.#options.clock.now()])
  }

  async addSilence(silence: NewSilence): Promise<void> {
    await this.#options.thread.call('addSilence', [silence, this.#options.clock.now()])
    await this.judge()
  }

  async endSilence(id: number): Promise<void> {
    await this.#options.thread.call('endSilence', [id, this.#options.clock.now()])
    await this.judge()
  }

  async *preview(request: PreviewRequest, signal?: AbortSignal): AsyncGenerator<PreviewReport, void, void> {
    const { thread } = this.#options
    const id = await thread.call('beginPreview', [request])
    try {
      while (!signal?.aborted) {
        const report = await thread.call('nextPreview', [id])
        if (report === null) return
        yield report
        if (report.isDone) return
      }
    } finally {
      await thread.call('endPreview', [id]).catch(() => undefined)
    }
  }

  #plan(): void {
    if (this.#isStopped) return
    this.#timer = setTimeout(() => {
      void this.judge().then(() => this.#plan())
    }, JUDGE_INTERVAL_MS)
  }

  async #judge(): Promise<void> {
    const { thread, clock, logger } = this.#options
    const late = this.#late.splice(0)
    try {
      this.#take(await thread.call('round', [clock.now(), late]))
      await this.channels.deliver(true)
    } catch (error) {
      // Judging goes on with the next round; what was late is looked for again.
      this.#late.unshift(...late.slice(0, MAX_LATE_STRETCHES - this.#late.length))
      if (this.#state.problem === null) logger.error({ error }, 'rules could not be judged')
      this.#state = { ...this.#state, problem: toErrorView(error) }
      // A thread that was started again has opened nothing yet.
      if (error instanceof TidemarkError && error.code === 'not-running' && !this.#isStopped) {
        await thread.call('open', [clock.now()]).catch(() => undefined)
      }
    }
  }

  #take({ counts, hasChanged, positions, beyondBounds }: RoundReport): void {
    this.#positions = positions
    const judged = Object.values(positions)
    this.#state = {
      counts,
      judgedUpTo: judged.length === 0 ? null : Math.min(...judged),
      beyondBounds,
      problem: null,
    }
    if (hasChanged) this.#options.onChange(counts)
  }
}

export function createAlertBook(options: AlertBookOptions): AlertBook {
  return new Book(options)
}
