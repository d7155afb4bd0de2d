import type { StreamPartId } from '../../../../shared/message.ts'
import { VERDICTS, type Verdict } from '../../../../shared/verdict.ts'
import type { Clock } from '../../ports.ts'
import { formatAddress } from '../address.ts'
import { isSameBytes, toHex } from '../hex.ts'
import type { ContentStore, Ingest, IngestOutcome } from '../ports.ts'
import type { Head } from '../wire/page.ts'
import { ContentReader } from './content-reader.ts'
import type { LogFinding } from './finding.ts'
import { HeadRelation } from './head-relation.ts'
import { LogWalk, type WalkItem } from './log-walk.ts'
import { mapInOrder } from './map-in-order.ts'
import { type ReadOutcome, readMessage } from './read-message.ts'
import type { LogView, RestoredLog, RestoreStep } from './restored-log.ts'

/** Blocks asked for at a time. Each may have `MAX_BLOCK_BYTES`, and waits here until those before it have come. */
const CONCURRENCY = 64
/** Messages handed over for verifying and storing at once: one wait for the disk. */
const STEP_MESSAGES = 512
const STEP_BYTES = 4_194_304
/** Pages that a linked list may bring without a commit. */
const STEP_PAGES = 512
/** So many messages in a row that nobody hands out: the store is in trouble, and each costs a deadline. */
const MAX_FAILURES_IN_A_ROW = 32
/** Missing messages tried again at a time. */
const MISSING_PAGE = 256

export interface RestoreTally {
  /** Messages that were new to this node, by verdict. */
  restored: Record<Verdict | 'refused', number>
  /** Messages this node had already. */
  duplicates: number
  /** Messages that could not be had. */
  failed: number
  pagesRead: number
  blocksRead: number
  bytesRead: number
}

export interface RestoreRunOptions {
  log: RestoredLog
  view: LogView
  /** What stored messages are to say about where they came from. */
  source: string
  part: StreamPartId | null
  content: ContentStore
  ingest: Ingest
  onProgress:
    | ((progress: RestoreTally & { newestTimestamp: number | null; oldestTimestamp: number | null }) => void)
    | undefined
  getTimeoutMs: number
  maxPages: number
  isOutOfTime: () => boolean
  clock: Clock
  signal: AbortSignal | undefined
}

type Item = Exclude<WalkItem, { kind: 'pair' }> | ReadOutcome
type ReadMessage = Extract<ReadOutcome, { kind: 'message' }>

/** One run over a log: reads what is there to be read, and commits step by step. */
export class RestoreRun {
  readonly findings: LogFinding[] = []
  readonly tally: RestoreTally = {
    restored: Object.fromEntries(
      [...VERDICTS, 'refused'].map((verdict) => [verdict, 0]),
    ) as RestoreTally['restored'],
    duplicates: 0,
    failed: 0,
    pagesRead: 0,
    blocksRead: 0,
    bytesRead: 0,
  }
  readonly #options: RestoreRunOptions
  readonly #reader: ContentReader
  readonly #relation: HeadRelation
  readonly #walk: LogWalk
  #view: LogView
  #part: StreamPartId | null
  #failuresInARow = 0
  /** Aborted when so much fails that the rest of the log is left for another time. */
  readonly #givenUp = new AbortController()
  #messages: ReadMessage[] = []
  #stepBytes = 0
  #step: RestoreStep = emptyStep()

  constructor(options: RestoreRunOptions) {
    const { log, view, content, getTimeoutMs, maxPages, isOutOfTime, signal } = options
    this.#options = options
    this.#view = view
    this.#part = options.part ?? view.part
    const givenUp = this.#givenUp.signal
    this.#reader = new ContentReader({
      content,
      timeoutMs: getTimeoutMs,
      signal: signal === undefined ? givenUp : AbortSignal.any([signal, givenUp]),
    })
    this.#relation = new HeadRelation(view)
    this.#walk = new LogWalk({
      log,
      reader: this.#reader,
      relation: this.#relation,
      maxPages,
      shouldStop: () => this.#givenUp.signal.aborted || isOutOfTime(),
    })
  }

  async read(head: Head, headBytes: Uint8Array): Promise<void> {
    const walk = await this.#begin(head, headBytes)
    await this.#consume(this.#walk.head(head, walk))
    await this.#readFrontier()
    await this.#retryMissing()
    await this.#finish()
  }

  /** What has to be known if this run does not come to its end is on disk before it begins. */
  async #begin(head: Head, headBytes: Uint8Array): Promise<number> {
    const { log, clock } = this.#options
    const isNew = !isSameBytes(headBytes, this.#view.head)
    const walk = isNew ? this.#view.walks + 1 : this.#view.walks
    const newest = head.pairs[0]?.localHash
    if (newest !== undefined) {
      const known = await log.known([newest])
      this.#relation.headSeen(newest, known.has(toHex(newest)), walk)
    }
    if (head.tail !== null) await log.addToFrontier(head.tail, walk)
    this.#view = {
      ...this.#view,
      ...this.#relation.state,
      head: headBytes,
      walks: walk,
      runs: this.#view.runs + 1,
      fetchedAt: clock.now(),
    }
    await log.saveView(this.#view)
    return walk
  }

  /** Newest walk first: what is new shows before what an older run has left. */
  async #readFrontier(): Promise<void> {
    while (!this.#givenUp.signal.aborted && !this.#options.isOutOfTime()) {
      const frontier = await this.#options.log.frontier()
      const next = frontier.find(({ address }) => !this.#walk.isStuckAt(address))
      if (next === undefined) return
      await this.#consume(this.#walk.pages(next.address, next.walk))
    }
  }

  async #retryMissing(): Promise<void> {
    const { log } = this.#options
    let after: Uint8Array = new Uint8Array(0)
    while (!this.#givenUp.signal.aborted) {
      // Those that failed in this run are not asked for a second time.
      const missing = await log.missingBefore(this.#view.runs, after, MISSING_PAGE)
      const last = missing.at(-1)
      if (last === undefined) return
      after = last.localHash
      await this.#consume(
        (async function* () {
          for (const { localHash, remoteHash, page } of missing) {
            yield { kind: 'pair', pair: { localHash, remoteHash, data: null }, page } satisfies WalkItem
          }
        })(),
      )
    }
  }

  async #finish(): Promise<void> {
    if ((await this.#options.log.frontier()).length === 0) this.#relation.allRead()
    await this.#commit()
  }

  async #consume(items: AsyncGenerator<WalkItem>): Promise<void> {
    const { signal } = this.#options
    const fetched = mapInOrder(
      items,
      CONCURRENCY,
      (item): Promise<Item> =>
        item.kind === 'pair'
          ? readMessage(item.pair, item.page, this.#part, this.#reader)
          : Promise.resolve(item),
    )
    for await (const item of fetched) {
      signal?.throwIfAborted()
      this.#take(item)
      if (this.#isStepFull() || item.kind === 'head-end') await this.#commit()
      if (this.#givenUp.signal.aborted) break
    }
    await this.#commit()
  }

  #take(item: Item): void {
    switch (item.kind) {
      case 'message':
        this.#failuresInARow = 0
        this.#part ??= item.part
        this.#messages.push(item)
        this.#stepBytes += item.raw.length
        break
      case 'missing':
        this.tally.failed += 1
        this.#step.missing.push(item.missing)
        this.#step.findings.push(item.finding)
        this.#countFailure(item.finding)
        break
      case 'bad':
        this.#step.settled.push(item)
        this.#step.findings.push(item.finding)
        break
      case 'known':
        if (item.page !== null) this.#step.settled.push(item)
        break
      case 'page-end':
        this.tally.pagesRead += 1
        this.#step.pages.push(item)
        this.#step.findings.push(...item.findings)
        break
      case 'finding':
        this.#step.findings.push(item.finding)
        break
      case 'head-end':
        break
    }
  }

  #countFailure(finding: LogFinding): void {
    this.#failuresInARow += 1
    if (this.#failuresInARow < MAX_FAILURES_IN_A_ROW) return
    this.#givenUp.abort(new Error('too much has failed'))
    const reason = 'reason' in finding ? finding.reason : ''
    this.#step.findings.push({ kind: 'gave-up', failures: this.#failuresInARow, reason })
  }

  #isStepFull(): boolean {
    return (
      this.#messages.length >= STEP_MESSAGES ||
      this.#stepBytes >= STEP_BYTES ||
      this.#step.pages.length >= STEP_PAGES
    )
  }

  /** First the messages, then what is known about them: a crash in between costs a second look, nothing else. */
  async #commit(): Promise<void> {
    const { log, clock, content } = this.#options
    const messages = this.#messages
    const step = this.#step
    this.#messages = []
    this.#stepBytes = 0
    this.#step = emptyStep()
    // A node that keeps a log for others has its blocks before it counts them as read.
    await Promise.all([this.#ingest(messages, step), content.sync?.()])
    step.findings.push(...this.#relation.takeFindings())
    await log.commit(step, this.#view.runs, clock.now())
    await this.#saveViewIfChanged()
    this.findings.push(...step.findings)
    this.tally.blocksRead = this.#reader.blocksRead
    this.tally.bytesRead = this.#reader.bytesRead
    const timestamps = messages.map(({ timestamp }) => timestamp)
    this.#options.onProgress?.({
      ...this.tally,
      newestTimestamp: timestamps.length === 0 ? null : Math.max(...timestamps),
      oldestTimestamp: timestamps.length === 0 ? null : Math.min(...timestamps),
    })
  }

  async #ingest(messages: readonly ReadMessage[], step: RestoreStep): Promise<void> {
    if (messages.length === 0) return
    const { ingest, source, clock, signal } = this.#options
    const receivedAt = clock.now()
    const outcomes = await ingest(
      messages.map(({ raw }) => ({ bytes: raw, source, receivedAt })),
      signal,
    )
    for (const [at, message] of messages.entries()) {
      const outcome = outcomes[at]
      if (outcome === undefined) throw new Error('The store answered for fewer messages than it was given.')
      step.settled.push(message)
      if (outcome.duplicate) this.tally.duplicates += 1
      else this.tally.restored[outcome.verdict] += 1
      step.findings.push(...toFindings(message, outcome))
    }
  }

  async #saveViewIfChanged(): Promise<void> {
    const view = { ...this.#view, ...this.#relation.state, part: this.#part }
    const isSame =
      view.part === this.#view.part &&
      view.touchedKnown === this.#view.touchedKnown &&
      toText(view.baseline) === toText(this.#view.baseline) &&
      toText(view.candidate) === toText(this.#view.candidate)
    if (isSame) return
    this.#view = view
    await this.#options.log.saveView(view)
  }
}

const emptyStep = (): RestoreStep => ({ settled: [], missing: [], pages: [], findings: [] })
const toText = (bytes: Uint8Array | null) => (bytes === null ? null : toHex(bytes))

const FINDING_OF = {
  forged: 'message-forged',
  unauthorised: 'message-unauthorised',
  refused: 'message-refused',
} as const

function toFindings({ localHash, page }: ReadMessage, { verdict, reason }: IngestOutcome): LogFinding[] {
  if (verdict === 'verified' || verdict === 'pending') return []
  const kind = FINDING_OF[verdict]
  return [{ kind, message: toHex(localHash), page: page === null ? null : formatAddress(page), reason }]
}
