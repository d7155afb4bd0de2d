import { type ErrorView, toErrorView } from '../../../../shared/errors.ts'
import type {
  FollowedLogView,
  LogRef,
  RestoreProgressView,
  RestoreReportView,
} from '../../../../shared/remote-log.ts'
import type { Clock, Logger } from '../../ports.ts'
import type { Address } from '../address.ts'
import { toHex } from '../hex.ts'
import { describeFinding } from '../restore/finding.ts'
import { followLog } from '../restore/follow-log.ts'
import type { LogReader, LogReaderStatus, RestoreProgress, RestoreReport } from '../restore/log-reader.ts'
import { shown, toShownView } from './error.ts'
import { FIGURES_INTERVAL_MS, FOLLOW_INTERVAL_MS, MAX_SHOWN_FINDINGS } from './limits.ts'

export interface FollowedLogOptions {
  ref: LogRef
  openReader: (onProgress: (progress: RestoreProgress) => void) => Promise<LogReader>
  clock: Clock
  logger: Logger
}

/** One log of somebody else, or an own one that is restored: read on request, or followed. */
export class FollowedLog {
  readonly ref: LogRef
  readonly #options: FollowedLogOptions
  readonly #listeners = new Set<(progress: RestoreProgressView) => void>()
  #reader: Promise<LogReader> | null = null
  #following: { stop: AbortController; ended: Promise<void> } | null = null
  #readings = 0
  #reachedBack: number | null = null
  #progress: RestoreProgressView | null = null
  #problem: ErrorView | null = null
  #status: { value: LogReaderStatus; at: number } | null = null

  constructor(options: FollowedLogOptions) {
    this.ref = options.ref
    this.#options = options
  }

  get isFollowed(): boolean {
    return this.#following !== null
  }

  /** Asks the name for news until `stop`, also after failures. */
  follow(): void {
    if (this.#following !== null) return
    const stop = new AbortController()
    const ended = followLog({
      reader: {
        restore: async (signal) => (await this.#open()).restore(signal),
      },
      intervalMs: FOLLOW_INTERVAL_MS,
      onBegin: () => this.#begin(),
      onReport: () => this.#end(null),
      onProblem: (error) => {
        this.#end(error)
        this.#options.logger.info({ error, log: this.ref.name }, 'a followed log could not be read this time')
      },
      signal: stop.signal,
    })
    this.#following = { stop, ended }
  }

  async stop(): Promise<void> {
    const following = this.#following
    this.#following = null
    following?.stop.abort(new Error('following is stopping'))
    await following?.ended
  }

  /** @throws TidemarkError `remote-log-unreachable`, `remote-log-unreadable` */
  async restore(
    onProgress: (progress: RestoreProgressView) => void,
    signal: AbortSignal | undefined,
  ): Promise<RestoreReportView> {
    this.#listeners.add(onProgress)
    this.#begin()
    try {
      const reader = await this.#open()
      const report = await shown(() => reader.restore(signal))
      this.#end(null)
      return toReportView(report, this.#reachedBack)
    } catch (error) {
      // Who asked for it has stopped it: nothing is wrong with the log.
      this.#end(signal?.aborted === true ? null : error)
      throw error
    } finally {
      this.#listeners.delete(onProgress)
    }
  }

  /** Page a message is on; see `LogReader.locate`. */
  async locate(localHash: Uint8Array): Promise<Address | null | undefined> {
    return (await this.#open()).locate(localHash)
  }

  async view(): Promise<FollowedLogView> {
    const status = await this.#currentStatus().catch((error: unknown) => {
      this.#problem ??= toShownView(error)
      return null
    })
    const head = status?.head ?? null
    const newest = head?.pairs[0]
    return {
      ...this.ref,
      part: status?.part ?? null,
      isFollowed: this.isFollowed,
      head:
        status === null || status.headAddress === null
          ? null
          : {
              address: status.headAddress,
              sizeBytes: status.headBytes,
              newest: newest === undefined ? null : toHex(newest.localHash),
              fetchedAt: status.fetchedAt,
            },
      cas: head?.cas ?? [],
      messages: status?.messages ?? 0,
      pages: status?.pages ?? 0,
      pagesToRead: status?.pagesToRead ?? 0,
      messagesMissing: status?.messagesMissing ?? 0,
      isReading: this.#readings > 0,
      progress: this.#progress,
      findings: (status?.findings ?? []).slice(0, MAX_SHOWN_FINDINGS).map(({ foundAt, finding }) => ({
        foundAt,
        kind: finding.kind,
        sentence: describeFinding(finding),
      })),
      problem: this.#problem,
    }
  }

  #open(): Promise<LogReader> {
    this.#reader ??= shown(() => this.#options.openReader((progress) => this.#onProgress(progress))).catch(
      (error: unknown) => {
        this.#reader = null
        throw error
      },
    )
    return this.#reader
  }

  #begin(): void {
    this.#readings += 1
    this.#reachedBack = null
  }

  #end(error: unknown): void {
    this.#readings = Math.max(0, this.#readings - 1)
    this.#problem = error === null ? null : toErrorView(error)
    this.#status = null
    if (this.#readings === 0) this.#progress = null
  }

  #onProgress(progress: RestoreProgress): void {
    const { oldestTimestamp } = progress
    if (oldestTimestamp !== null) {
      this.#reachedBack = Math.min(oldestTimestamp, this.#reachedBack ?? oldestTimestamp)
    }
    this.#progress = toProgressView(progress, this.#reachedBack)
    for (const listener of this.#listeners) listener(this.#progress)
  }

  /** Counting a long log takes its time, so that it is not done for each look at a list. */
  async #currentStatus(): Promise<LogReaderStatus> {
    const now = this.#options.clock.now()
    if (this.#status !== null && (this.#readings === 0 || now - this.#status.at < FIGURES_INTERVAL_MS)) {
      return this.#status.value
    }
    const value = await (await this.#open()).status()
    this.#status = { value, at: now }
    return value
  }
}

function toProgressView(
  { restored, duplicates, failed, pagesRead, blocksRead, bytesRead }: RestoreProgress | RestoreReport,
  reachedBack: number | null,
): RestoreProgressView {
  return { restored: { ...restored }, duplicates, failed, pagesRead, blocksRead, bytesRead, reachedBack }
}

export function toReportView(report: RestoreReport, reachedBack: number | null): RestoreReportView {
  return {
    ...toProgressView(report, reachedBack),
    part: report.part,
    messages: report.messages,
    pages: report.pages,
    isComplete: report.isComplete,
    findings: report.findings
      .slice(0, MAX_SHOWN_FINDINGS)
      .map((finding) => ({ kind: finding.kind, sentence: describeFinding(finding) })),
  }
}
