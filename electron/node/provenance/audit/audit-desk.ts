import { randomBytes } from 'node:crypto'
import type { AuditRequest, AuditView } from '../../../../shared/audit.ts'
import {
  type AuditBeside,
  type AuditBody,
  type AuditOutcome,
  auditReportSchema,
  auditReportSchemaV1,
  NOTHING_BESIDE,
} from '../../../../shared/audit-report.ts'
import { TidemarkError, toErrorView } from '../../../../shared/errors.ts'
import type { NetworkDescription } from '../../../../shared/node-status.ts'
import type { Clock, Logger, MessageStore, PermissionOracle, Startable, StoredNotice } from '../../ports.ts'
import type { VerifierPool } from '../verifier-pool.ts'
import { runAudit } from './audit-run.ts'
import { MAX_AUDITS, MAX_RUNNING_AUDITS } from './limits.ts'
import { reportPdf } from './pdf/report-pdf.ts'
import { AuditFolder, SAVED_AUDIT_VERSION, type SavedAudit } from './saved-audit.ts'
import { type SignText, signReport } from './sign-report.ts'

export interface AuditDeskOptions {
  /** Folder of the audits; made when it is not there. */
  folder: string
  store: Pick<MessageStore, 'query' | 'timeline' | 'heldBack' | 'onStored'>
  verifier: Pick<VerifierPool, 'audit'>
  permissions: Pick<PermissionOracle, 'publishPermission'>
  /** JSON Schema of a stream's contents, from its metadata. Default: contents are not checked. */
  schemaOf?: (streamId: string) => Promise<unknown>
  network: Pick<NetworkDescription, 'chainId' | 'contracts'>
  /** Streamr address of this node, and its signature. */
  address: string
  sign: SignText
  version: string
  /** Asks others about what was found. Default: nobody is asked. */
  beside?: (body: AuditBody, signal: AbortSignal) => Promise<AuditBeside>
  /** Told of every change of an audit. */
  onChange: () => void
  clock: Clock
  logger: Logger
}

/** The audits of a node: begun, paused, gone on with after a restart, and kept with their reports. */
export interface AuditDesk extends Startable {
  /** @throws TidemarkError `invalid-input` for a range that ends before it begins, or while too many run. */
  begin(request: AuditRequest): Promise<AuditView>
  /** Newest first. */
  list(): AuditView[]
  /** @throws TidemarkError `audit-not-found` */
  get(id: string): AuditView
  pause(id: string): Promise<AuditView>
  resume(id: string): Promise<AuditView>
  /** Ends it if it runs, and removes it with its report. */
  remove(id: string): Promise<void>
  /** The signed report as text. @throws TidemarkError `audit-not-found` when there is none (yet) */
  report(id: string): Promise<string>
  /** The same to print, with the signed report inside. @throws TidemarkError `audit-not-found` */
  pdf(id: string): Promise<Uint8Array>
  /** The same to look at: without the raw messages. */
  outcome(id: string): Promise<AuditOutcome>
}

interface Running {
  stopping: AbortController
  ended: Promise<void>
}

export function createAuditDesk(options: AuditDeskOptions): AuditDesk {
  return new Desk(options)
}

class Desk implements AuditDesk {
  readonly #options: AuditDeskOptions
  readonly #folder: AuditFolder
  readonly #audits = new Map<string, SavedAudit>()
  readonly #running = new Map<string, Running>()
  #unsubscribe: () => void = () => undefined

  constructor(options: AuditDeskOptions) {
    this.#options = options
    this.#folder = new AuditFolder(options.folder)
  }

  async start(): Promise<void> {
    const { audits, unreadable } = await this.#folder.load()
    for (const name of unreadable)
      this.#options.logger.warn({ name }, 'An audit could not be read; its file is left')
    for (const audit of audits) this.#audits.set(audit.view.id, audit)
    this.#unsubscribe = this.#options.store.onStored((notices) => this.#noteArrivals(notices))
    for (const audit of audits) if (audit.view.status === 'running') this.#run(audit)
  }

  /** Running audits go on where they were when the node starts again. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    const running = [...this.#running.values()]
    for (const { stopping } of running) stopping.abort()
    await Promise.all(running.map(({ ended }) => ended))
  }

  async begin(request: AuditRequest): Promise<AuditView> {
    if (request.from > request.to) {
      throw new TidemarkError(
        'invalid-input',
        'The range ends before it begins.',
        'Choose an end after the start.',
      )
    }
    if (this.#running.size >= MAX_RUNNING_AUDITS) throw tooMany()
    const { clock } = this.#options
    const id = `${clock.now().toString(36)}${randomBytes(4).toString('hex')}`
    const { part, from, to, intervalMs } = request
    const audit: SavedAudit = {
      version: SAVED_AUDIT_VERSION,
      view: {
        ...{ id, part, from, to, intervalMs },
        status: 'running',
        startedAt: clock.now(),
        finishedAt: null,
        checked: 0,
        expected: 0,
        findings: {},
        problem: null,
      },
      progress: null,
      readUpTo: -1,
      arrivedMeanwhile: 0,
    }
    await this.#folder.save(audit)
    this.#audits.set(id, audit)
    await this.#dropOldest()
    this.#run(audit)
    return { ...audit.view }
  }

  list(): AuditView[] {
    return [...this.#audits.values()]
      .map(({ view }) => ({ ...view }))
      .sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1))
  }

  get(id: string): AuditView {
    return { ...this.#find(id).view }
  }

  async pause(id: string): Promise<AuditView> {
    const audit = this.#find(id)
    if (audit.view.status === 'running') {
      audit.view.status = 'paused'
      await this.#end(id)
      await this.#folder.save(audit)
      this.#options.onChange()
    }
    return { ...audit.view }
  }

  async resume(id: string): Promise<AuditView> {
    const audit = this.#find(id)
    if (audit.view.status === 'paused' || audit.view.status === 'failed') {
      if (this.#running.size >= MAX_RUNNING_AUDITS) throw tooMany()
      // What a failure left half-way is not trusted.
      if (audit.view.status === 'failed') Object.assign(audit, { progress: null, readUpTo: -1 })
      audit.view.status = 'running'
      audit.view.problem = null
      await this.#folder.save(audit)
      this.#run(audit)
    }
    return { ...audit.view }
  }

  async remove(id: string): Promise<void> {
    this.#find(id)
    await this.#end(id)
    this.#audits.delete(id)
    await this.#folder.remove(id)
    this.#options.onChange()
  }

  async report(id: string): Promise<string> {
    this.#find(id)
    const report = await this.#folder.report(id)
    if (report === null) {
      throw new TidemarkError(
        'audit-not-found',
        'This audit has no report yet.',
        'Let it run to its end; it can be gone on with after a pause or a failure.',
      )
    }
    return report
  }

  async pdf(id: string): Promise<Uint8Array> {
    return reportPdf(await this.report(id))
  }

  async outcome(id: string): Promise<AuditOutcome> {
    const read = auditReportSchema.or(auditReportSchemaV1).parse(JSON.parse(await this.report(id)))
    const { body, bodyDigest, made } = read
    for (const { examples } of body.findings) for (const example of examples) example.raw = null
    return { body, bodyDigest, made, beside: 'beside' in read ? read.beside : null }
  }

  #run(audit: SavedAudit): void {
    const { id } = audit.view
    const stopping = new AbortController()
    const ended = this.#carryOut(audit, stopping.signal).finally(() => {
      this.#running.delete(id)
      this.#options.onChange()
    })
    this.#running.set(id, { stopping, ended })
    this.#options.onChange()
  }

  async #carryOut(audit: SavedAudit, signal: AbortSignal): Promise<void> {
    const { logger, clock, onChange } = this.#options
    try {
      const body = await runAudit(
        audit,
        { ...this.#options, save: () => this.#folder.save(audit), onChange },
        signal,
      )
      const beside = (await this.#options.beside?.(body, signal)) ?? NOTHING_BESIDE
      await this.#folder.saveReport(audit.view.id, await this.#sign(body, beside, audit))
      Object.assign(audit.view, { status: 'finished', finishedAt: clock.now() })
      audit.progress = null
      await this.#folder.save(audit)
    } catch (error) {
      // Paused, removed or stopped with the node: what was saved last is gone on with.
      if (signal.aborted) return
      logger.warn({ error, audit: audit.view.id }, 'An audit failed')
      Object.assign(audit.view, { status: 'failed', problem: toErrorView(error) })
      await this.#folder.save(audit).catch((failure: unknown) => {
        logger.warn({ error: failure, audit: audit.view.id }, 'A failed audit could not be saved')
      })
    }
  }

  #sign(body: AuditBody, beside: AuditBeside, audit: SavedAudit): Promise<string> {
    const { address, clock, version, sign } = this.#options
    const made = {
      by: address.toLowerCase(),
      at: clock.now(),
      with: version,
      arrivedMeanwhile: audit.arrivedMeanwhile,
    }
    return signReport(body, { made, beside }, sign)
  }

  /** What comes into a stretch that was read already is not in the report, which says so. */
  #noteArrivals(notices: readonly StoredNotice[]): void {
    for (const { part, stored, firstTimestamp, lastTimestamp } of notices) {
      for (const audit of this.#audits.values()) {
        const { view, readUpTo } = audit
        const isUnfinished = view.status === 'running' || view.status === 'paused'
        if (!isUnfinished || view.part !== part || stored === 0) continue
        if (firstTimestamp <= readUpTo && lastTimestamp >= view.from) audit.arrivedMeanwhile += stored
      }
    }
  }

  async #end(id: string): Promise<void> {
    const running = this.#running.get(id)
    running?.stopping.abort()
    await running?.ended
  }

  async #dropOldest(): Promise<void> {
    const finished = this.list().filter(({ status }) => status === 'finished' || status === 'failed')
    while (this.#audits.size > MAX_AUDITS) {
      const oldest = finished.pop()
      if (oldest === undefined) return
      await this.remove(oldest.id)
    }
  }

  #find(id: string): SavedAudit {
    const audit = this.#audits.get(id)
    if (audit === undefined) {
      throw new TidemarkError(
        'audit-not-found',
        'This node has no such audit.',
        'It may have been removed; the list of audits shows those that are there.',
      )
    }
    return audit
  }
}

function tooMany(): TidemarkError {
  return new TidemarkError(
    'invalid-input',
    `${MAX_RUNNING_AUDITS} audits run already.`,
    'Wait until one of them has ended, or pause one.',
  )
}
