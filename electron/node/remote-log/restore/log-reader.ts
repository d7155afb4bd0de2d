import { TidemarkError } from '../../../../shared/errors.ts'
import type { StreamPartId } from '../../../../shared/message.ts'
import type { Clock, Logger } from '../../ports.ts'
import { type Address, addressOf, formatAddress } from '../address.ts'
import type { Database } from '../database/database.ts'
import { withDeadline } from '../deadline.ts'
import { RemoteLogError } from '../errors.ts'
import { assertNameValid } from '../log-name.ts'
import type { ContentStore, Ingest, NameSystem } from '../ports.ts'
import { withRetries } from '../retry.ts'
import { decodeHead, type Head } from '../wire/page.ts'
import { GET_TIMEOUT_MS } from './content-reader.ts'
import type { LogFinding } from './finding.ts'
import { RestoreRun, type RestoreTally } from './restore-run.ts'
import { RestoredLog, type RestoreFigures } from './restored-log.ts'

const HEAD_RETRIES = { attempts: 3, firstDelayMs: 200, maxDelayMs: 2_000 }
/** A walk of so many pages is not a log any more that somebody reads; a linked list of ten million messages is. */
const MAX_PAGES = 10_000_000
/** After this long a run stops where it is and leaves the rest to the next. */
const MAX_DURATION_MS = 6 * 3_600_000

export interface RestoreProgress extends RestoreTally {
  /** Timestamps of the messages of the last step, ms: newest first, so they go back in time. */
  newestTimestamp: number | null
  oldestTimestamp: number | null
}

export interface RestoreReport extends RestoreTally, RestoreFigures {
  name: string
  part: StreamPartId | null
  /** Everything the name leads to has been read. */
  isComplete: boolean
  /** Found out in this run. */
  findings: LogFinding[]
}

export interface LogReaderStatus extends RestoreFigures {
  name: string
  part: StreamPartId | null
  head: Head | null
  headAddress: string | null
  headBytes: number
  fetchedAt: number | null
  findings: { foundAt: number; finding: LogFinding }[]
}

export interface LogReader {
  /**
   * Reads the log the name leads to, newest first, and hands its messages to `ingest`: what is new, what an
   * interrupted run has left, and what could not be had before. What is wrong with the log is in the findings.
   * @throws TidemarkError `remote-log-unreachable`, `remote-log-unreadable` when there is no head to start from
   */
  restore(signal?: AbortSignal): Promise<RestoreReport>
  status(): Promise<LogReaderStatus>
  /** Page a message was found on: null on the head, undefined when it is not part of the log as far as read. */
  locate(localHash: Uint8Array): Promise<Address | null | undefined>
}

export interface LogReaderOptions {
  name: string
  /** What the log is called in the file; the name if left out. */
  key?: string
  /** When it is known: messages of other parts are not taken. Otherwise the part of the newest message. */
  part?: StreamPartId
  content: ContentStore
  names: NameSystem
  ingest: Ingest
  /** A file opened with `RESTORE_MIGRATIONS`; one for all logs of a node. */
  database: Database
  onProgress?: (progress: RestoreProgress) => void
  /** How long one try for one block may take. */
  getTimeoutMs?: number
  maxPages?: number
  maxDurationMs?: number
  clock: Clock
  logger: Logger
}

class Reader implements LogReader {
  readonly #options: LogReaderOptions
  readonly #log: RestoredLog
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: LogReaderOptions, log: RestoredLog) {
    this.#options = options
    this.#log = log
  }

  restore(signal?: AbortSignal): Promise<RestoreReport> {
    const run = this.#running.then(() => this.#restore(signal))
    this.#running = run.catch(() => undefined)
    return run
  }

  async status(): Promise<LogReaderStatus> {
    const [view, figures, findings] = await Promise.all([
      this.#log.view(),
      this.#log.figures(),
      this.#log.findings(),
    ])
    return {
      ...figures,
      name: this.#options.name,
      part: view.part,
      head: view.head === null ? null : decodeHead(view.head),
      headAddress: view.head === null ? null : formatAddress(addressOf(view.head)),
      headBytes: view.head?.length ?? 0,
      fetchedAt: view.fetchedAt,
      findings,
    }
  }

  locate(localHash: Uint8Array): Promise<Address | null | undefined> {
    return this.#log.pageOf(localHash)
  }

  async #restore(signal: AbortSignal | undefined): Promise<RestoreReport> {
    const { name, part, content, clock, logger } = this.#options
    const headBytes = await this.#fetchHead(signal)
    const head = readHead(name, headBytes)
    if (head.cas.length > 0) await content.reachOut?.(head.cas, { signal })
    const stopAt = clock.now() + (this.#options.maxDurationMs ?? MAX_DURATION_MS)
    const run = new RestoreRun({
      log: this.#log,
      view: await this.#log.view(),
      source: `remote-log:${name}`,
      part: part ?? null,
      content,
      ingest: this.#options.ingest,
      onProgress: this.#options.onProgress,
      getTimeoutMs: this.#options.getTimeoutMs ?? GET_TIMEOUT_MS,
      maxPages: this.#options.maxPages ?? MAX_PAGES,
      isOutOfTime: () => clock.now() > stopAt,
      clock,
      signal,
    })
    await run.read(head, headBytes)
    const [figures, view] = await Promise.all([this.#log.figures(), this.#log.view()])
    if (run.findings.length > 0)
      logger.warn({ name, findings: run.findings.length }, 'a remote log is not as it should be')
    return {
      ...run.tally,
      ...figures,
      name,
      part: view.part,
      isComplete: figures.pagesToRead === 0 && figures.messagesMissing === 0,
      findings: run.findings,
    }
  }

  async #fetchHead(signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { name, names } = this.#options
    const timeoutMs = this.#options.getTimeoutMs ?? GET_TIMEOUT_MS
    try {
      return await withRetries(
        () => withDeadline((either) => names.fetch(name, { signal: either }), timeoutMs, signal),
        { ...HEAD_RETRIES, signal },
      )
    } catch (cause) {
      if (!(cause instanceof RemoteLogError)) throw cause
      throw new TidemarkError(
        'remote-log-unreachable',
        `The name ${name} cannot be resolved: ${cause.message}`,
        'Check the name, and that its name system is reachable; what was restored before is not affected.',
        { cause },
      )
    }
  }
}

function readHead(name: string, bytes: Uint8Array): Head {
  try {
    return decodeHead(bytes)
  } catch (cause) {
    if (!(cause instanceof RemoteLogError)) throw cause
    throw new TidemarkError(
      'remote-log-unreadable',
      `The name ${name} does not lead to a remote log. ${cause.message}`,
      'Check the name; it may belong to something else.',
      { cause },
    )
  }
}

/**
 * Opens the log a name leads to, for reading; what was restored of it before is remembered.
 * @throws {RemoteLogError} `name-invalid`
 */
export async function createLogReader(options: LogReaderOptions): Promise<LogReader> {
  assertNameValid(options.name)
  return new Reader(options, await RestoredLog.open(options.database, options.key ?? options.name))
}
