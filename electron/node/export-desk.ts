import { randomUUID } from 'node:crypto'
import type { FieldSummary } from '../../shared/chart.ts'
import { TidemarkError, toErrorView } from '../../shared/errors.ts'
import { parseStreamPartId } from '../../shared/message.ts'
import type {
  ExportCitation,
  ExportColumn,
  ExportFormat,
  ExportProgress,
} from '../../shared/message-export.ts'
import type { MessageMark } from '../../shared/message-mark.ts'
import type { Verdict } from '../../shared/verdict.ts'
import { type SchemaOf, selectByMarks } from './mark-selection.ts'
import type { Clock, MessageQuery, MessageStore } from './ports.ts'
import { EXPORT_CLAIM_MS, KEPT_EXPORTS, MAX_OPEN_EXPORTS } from './rows/limits.ts'
import type { RowFilter } from './rows/row-filter.ts'
import type { RowThread } from './rows-role.ts'

export interface ExportRequest extends Omit<RowFilter, 'marks'> {
  part: string
  from?: number | undefined
  to?: number | undefined
  publisher?: string | undefined
  verdicts?: readonly Verdict[] | undefined
  marks?: readonly MessageMark[] | undefined
  last?: number | undefined
  order: 'ascending' | 'descending'
  format: ExportFormat
  /** Fields as columns; null for the whole content. */
  columns: readonly string[] | null
}

/**
 * Files of messages, made while they are read: nothing of them is kept here, and a slow reader slows the store down.
 * One is opened first, so that it can be watched and cancelled, and then read once.
 */
export interface ExportDesk {
  /** @throws TidemarkError `busy` when too many are open */
  open(request: ExportRequest): Promise<ExportProgress>
  /** The bytes of an open export, once. @throws TidemarkError `query-not-open` for one that was read, left or ended */
  read(id: string, signal?: AbortSignal): { progress: ExportProgress; bytes: AsyncIterable<Uint8Array> }
  /** How far it is. @throws TidemarkError `query-not-open` when it is not known any more */
  progress(id: string): ExportProgress
  /** Ends it; whoever reads it gets an error. Does nothing for one that has ended. */
  cancel(id: string): void
  stop(): Promise<void>
}

export interface ExportDeskOptions {
  store: MessageStore
  rows: RowThread
  count(part: string, from: number, to: number, verdicts?: readonly Verdict[]): Promise<number>
  /** Names under which a part is published, with the pages they lead to. */
  remoteLogs(part: string): Promise<ExportCitation['remoteLogs']>
  node: ExportCitation['node']
  /** Default: no stream has a schema. */
  schemaOf?: SchemaOf | undefined
  clock: Clock
}

const MAX_SEQUENCE = 2_147_483_647
/** Of a stream's name so much goes into the file's, characters. */
const FILE_NAME_LENGTH = 60

class OpenExport {
  readonly request: ExportRequest
  readonly progress: ExportProgress
  readonly columns: readonly ExportColumn[] | null
  readonly ending = new AbortController()
  claim: NodeJS.Timeout | undefined
  running: Promise<void> = Promise.resolve()

  constructor(request: ExportRequest, progress: ExportProgress, columns: readonly ExportColumn[] | null) {
    this.request = request
    this.progress = progress
    this.columns = columns
  }

  get hasEnded(): boolean {
    return this.progress.state !== 'waiting' && this.progress.state !== 'running'
  }
}

class Desk implements ExportDesk {
  readonly #options: ExportDeskOptions
  readonly #exports = new Map<string, OpenExport>()

  constructor(options: ExportDeskOptions) {
    this.#options = options
  }

  async open(request: ExportRequest): Promise<ExportProgress> {
    const open = [...this.#exports.values()].filter(({ hasEnded }) => !hasEnded)
    if (open.length >= MAX_OPEN_EXPORTS) {
      throw new TidemarkError(
        'busy',
        `${MAX_OPEN_EXPORTS} exports are under way.`,
        'Wait until one has ended, or cancel one.',
      )
    }
    const { store, count, clock } = this.#options
    const { part, last, publisher, verdicts } = request
    const range = await this.#range(request)
    const fields = request.columns === null ? [] : await store.fields(part)
    const citation = await this.#cite({ ...request, ...range })
    const counted =
      publisher === undefined
        ? await count(part, range.from, range.to, verdicts?.length ? verdicts : undefined)
        : null
    const id = randomUUID()
    const progress: ExportProgress = {
      id,
      fileName: fileNameOf(citation, clock.now()),
      state: 'waiting',
      rows: 0,
      scanned: 0,
      total: last === undefined ? counted : Math.min(last, counted ?? last),
      sizeBytes: 0,
      error: null,
      citation,
      outcome: null,
    }
    const opened = new OpenExport({ ...request, ...range }, progress, columnsOf(request.columns, fields))
    opened.claim = setTimeout(() => this.#fail(opened, left()), EXPORT_CLAIM_MS)
    opened.claim.unref()
    this.#exports.set(id, opened)
    this.#forgetOld()
    return { ...progress }
  }

  read(id: string, signal?: AbortSignal): { progress: ExportProgress; bytes: AsyncIterable<Uint8Array> } {
    const opened = this.#find(id)
    if (opened.progress.state !== 'waiting') throw notOpen()
    clearTimeout(opened.claim)
    opened.progress.state = 'running'
    return { progress: { ...opened.progress }, bytes: this.#write(opened, signal) }
  }

  progress(id: string): ExportProgress {
    return { ...this.#find(id).progress }
  }

  cancel(id: string): void {
    const opened = this.#exports.get(id)
    if (opened === undefined || opened.hasEnded) return
    clearTimeout(opened.claim)
    opened.progress.state = 'cancelled'
    opened.ending.abort()
  }

  async stop(): Promise<void> {
    for (const id of this.#exports.keys()) this.cancel(id)
    await Promise.all([...this.#exports.values()].map(({ running }) => running))
  }

  /** Ends by itself with the consumer: leaving the iteration ends the reading of the store. */
  async *#write(
    opened: OpenExport,
    outer: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { store, rows, schemaOf = async () => undefined } = this.#options
    const { request, progress, columns, ending } = opened
    const signal = outer ? AbortSignal.any([outer, ending.signal]) : ending.signal
    const ended = Promise.withResolvers<void>()
    opened.running = ended.promise
    const facts = { tidemark: JSON.stringify(progress.citation) }
    const { format, text, conditions } = request
    try {
      const { stored, filter } = await selectByMarks(request.part, request.marks, schemaOf)
      const query = { ...toQuery(request), ...(stored.length === 0 ? {} : { marks: stored }) }
      const begun = await rows.call('open', progress.id, {
        format,
        columns,
        facts,
        filter: { text, conditions, ...filter },
      })
      progress.sizeBytes += begun.bytes.length
      if (begun.bytes.length > 0) yield begun.bytes
      for await (const batch of store.query(query, signal)) {
        const piece = await rows.call('write', progress.id, rows.withContents(batch), batch.length)
        progress.scanned += batch.length
        progress.rows += piece.rows
        progress.sizeBytes += piece.bytes.length
        if (piece.bytes.length > 0) yield piece.bytes
        // The store's pages come one by one: between them is where a cancel takes hold.
        if (signal.aborted) throw left()
      }
      const { bytes, outcome } = await rows.call('end', progress.id)
      progress.sizeBytes = outcome.sizeBytes
      if (bytes.length > 0) yield bytes
      progress.outcome = outcome
      progress.state = 'done'
    } catch (error) {
      this.#fail(opened, error)
      throw error
    } finally {
      // A reader that goes away ends here without an error.
      if (progress.state === 'running') this.#fail(opened, left())
      await rows.call('drop', progress.id).catch(() => undefined)
      ended.resolve()
    }
  }

  #fail(opened: OpenExport, error: unknown): void {
    if (opened.hasEnded) return
    const { message, remedy } = toErrorView(error)
    opened.progress.state = 'failed'
    opened.progress.error = { message, remedy }
  }

  #find(id: string): OpenExport {
    const opened = this.#exports.get(id)
    if (opened === undefined) throw notOpen()
    return opened
  }

  #forgetOld(): void {
    const ended = [...this.#exports.values()].filter(({ hasEnded }) => hasEnded)
    for (const { progress } of ended.slice(0, Math.max(0, ended.length - KEPT_EXPORTS))) {
      this.#exports.delete(progress.id)
    }
  }

  /** An open end becomes the moment of asking, so that what is cited can be asked for again. */
  async #range({ part, from, to }: ExportRequest): Promise<{ from: number; to: number }> {
    const statistics = (await this.#options.store.statistics()).find((known) => known.part === part)
    const end = to ?? Math.max(this.#options.clock.now(), statistics?.lastTimestamp ?? 0)
    return { from: Math.min(from ?? statistics?.firstTimestamp ?? 0, end), to: end }
  }

  async #cite(request: ExportRequest & { from: number; to: number }): Promise<ExportCitation> {
    const { node, clock, remoteLogs } = this.#options
    const { streamId, partition } = parseStreamPartId(request.part)
    return {
      citation: 1,
      stream: streamId,
      partition,
      from: request.from,
      to: request.to,
      order: request.order,
      filters: {
        publisher: request.publisher ?? null,
        verdicts: request.verdicts ?? [],
        marks: request.marks ?? [],
        text: request.text?.trim() ? request.text.trim() : null,
        conditions: request.conditions ?? [],
      },
      columns: request.columns,
      format: request.format,
      node,
      exportedAt: clock.now(),
      remoteLogs: await remoteLogs(request.part),
    }
  }
}

function columnsOf(
  columns: readonly string[] | null,
  fields: readonly FieldSummary[],
): readonly ExportColumn[] | null {
  if (columns === null || columns.length === 0) return null
  const kinds = new Map(fields.map(({ path, kind }) => [path, kind]))
  return [...new Set(columns)].map((path) => ({ path, kind: kinds.get(path) ?? 'text' }))
}

function toQuery({ part, from, to, publisher, verdicts, last, order }: ExportRequest): MessageQuery {
  return {
    part,
    order,
    ...(from === undefined ? {} : { from: { timestamp: Math.ceil(from), sequence: 0 } }),
    ...(to === undefined ? {} : { to: { timestamp: Math.floor(to), sequence: MAX_SEQUENCE } }),
    ...(publisher === undefined ? {} : { publisher }),
    ...(verdicts === undefined || verdicts.length === 0 ? {} : { verdicts }),
    ...(last === undefined ? {} : { last }),
  }
}

/** Letters and digits of the stream's name and the time: nothing a file system or a header could take amiss. */
function fileNameOf({ stream, format }: ExportCitation, now: number): string {
  const plain = stream
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(-FILE_NAME_LENGTH)
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')
  return `tidemark-${plain === '' ? 'stream' : plain}-${time}.${format}`
}

function left(): TidemarkError {
  return new TidemarkError(
    'aborted',
    'The export was ended before all of it was read.',
    'What was saved is not whole: delete it and export again.',
  )
}

function notOpen(): TidemarkError {
  return new TidemarkError(
    'query-not-open',
    'That export is not open: it was read, cancelled or forgotten.',
    'Export again.',
  )
}

export function createExportDesk(options: ExportDeskOptions): ExportDesk {
  return new Desk(options)
}
