import { availableParallelism } from 'node:os'
import { type ErrorView, toErrorView } from '../../../shared/errors.ts'
import { workerUrl } from '../../worker-url.ts'
import type { Logger, PermissionOracle, RawMessage, Startable } from '../ports.ts'
import { type BatchStore, openBatchPort } from './append-port.ts'
import { type AuditedBatch, emptyAuditedBatch, joinAuditedBatches } from './audited-batch.ts'
import type { ContractSignatureChecker } from './contract-signature.ts'
import type { Decision } from './decide.ts'
import { addCounts, emptyCounts, type IngestResult, mergeIngestResults } from './ingest-result.ts'
import { backOffMs, LIVE_OUTCOME, notRunning, UNEXPECTED } from './job-ends.ts'
import { LiveCollector } from './live-collector.ts'
import { LoadGauge } from './load-gauge.ts'
import { QuestionDesk } from './question-desk.ts'
import {
  boundMessage,
  createJob,
  cutIntoBatches,
  type JobOutcome,
  splitJob,
  type VerifierJob,
} from './verifier-job.ts'
import { MAX_REFUSED_EXCERPT_BYTES, STOP_DEADLINE_MS } from './verifier-limits.ts'
import type { BatchCounts } from './verifier-protocol.ts'
import type { BatchEvent } from './verifier-thread.ts'
import { WorkerSlots } from './worker-slots.ts'

export type { IngestResult } from './ingest-result.ts'

export interface VerifierPoolOptions {
  store: BatchStore
  permissions: PermissionOracle
  contractSignatures: ContractSignatureChecker
  logger: Logger
  /** Default: one a core. */
  workers?: number
  /** Module that runs in the workers; another one than `verifier-worker` only to test how deaths are survived. */
  workerModule?: URL
}

export interface VerifierStatistics extends BatchCounts {
  workers: number
  /** Workers that died and were replaced. */
  restarts: number
  /** Taken and not yet on disk. */
  unstored: number
  unstoredBytes: number
  /** Messages that were not taken because the queue was full. */
  turnedAway: number
  /** Why the store takes nothing at the moment; the messages wait. */
  problem: ErrorView | null
}

/**
 * Verifies messages on worker threads and has them stored. Nothing that was taken is dropped: batches that a dying
 * worker held, or that the store could not take, are verified and sent again until they are on disk.
 */
export interface VerifierPool extends Startable {
  /** Takes a live message. False when the queue is full: the source keeps the message and waits for `room`. */
  ingest(message: RawMessage): boolean
  /** Resolves when messages are taken again. @throws the signal's reason when it aborts */
  room(signal?: AbortSignal): Promise<void>
  /**
   * Takes messages at the pace of the disk and resolves when all are on it.
   * @throws the signal's reason when it aborts; what was taken by then is stored all the same
   * @throws TidemarkError `not-running` when the pool stops before
   */
  ingestAll(messages: Iterable<RawMessage>, signal?: AbortSignal): Promise<IngestResult>
  /** Verdicts on raw messages as they would be given now, without storing; null for what is no message. */
  decide(messages: readonly Uint8Array[]): Promise<(Decision | null)[]>
  /** As `decide`, with all that an audit compares: digests, predecessors, ids, read from the bytes again. */
  audit(messages: readonly Uint8Array[]): Promise<AuditedBatch>
  /** Resolves when everything taken so far is on disk. */
  drained(): Promise<void>
  /** Called after every commit. */
  onIngested(listener: (result: IngestResult) => void): () => void
  statistics(): VerifierStatistics
}

export function createVerifierPool(options: VerifierPoolOptions): VerifierPool {
  return new RoutingPool(options)
}

class RoutingPool implements VerifierPool {
  readonly #options: VerifierPoolOptions
  readonly #slots: WorkerSlots
  readonly #unsubscribe: () => void
  readonly #listeners = new Set<(result: IngestResult) => void>()
  readonly #live = new LiveCollector(() => this.#dispatch())
  readonly #load = new LoadGauge()
  /** Batches that wait for a worker, oldest first. */
  readonly #queue: VerifierJob[] = []
  readonly #retrying = new Set<VerifierJob>()
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #totals = emptyCounts()
  #turnedAway = 0
  /** Times in a row that the store took nothing; while it waits, no batch is sent. */
  #storeFailures = 0
  #isWaitingForStore = false
  #problem: ErrorView | null = null
  #isStopped = false

  constructor(options: VerifierPoolOptions) {
    this.#options = options
    const { store, permissions, contractSignatures, logger } = options
    const desk = new QuestionDesk({ permissions, contractSignatures, logger })
    this.#slots = new WorkerSlots({
      workers: options.workers ?? availableParallelism(),
      workerUrl: options.workerModule ?? workerUrl(import.meta.url, 'verifier-worker'),
      desk,
      openPort: () => openBatchPort(store),
      logger,
      onBatch: (job, event) => this.#settle(job, event),
      onDeath: (jobs) => this.#resume(jobs),
      onReady: () => this.#dispatch(),
    })
    this.#unsubscribe = permissions.onChange((streamId) => {
      desk.streamChanged(streamId)
      this.#slots.broadcast({ kind: 'invalidate', streamId })
    })
  }

  async start(): Promise<void> {
    await this.#slots.start()
  }

  /** Waits, up to a deadline, until what was taken is stored; sources fetch the rest again. */
  async stop(): Promise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#enqueueLive(this.#live.take())
    await Promise.race([
      this.#load.none(),
      new Promise<void>((resolve) => this.#later(STOP_DEADLINE_MS, resolve)),
    ])
    this.#unsubscribe()
    for (const timer of this.#timers) clearTimeout(timer)
    const left = [...this.#queue.splice(0), ...this.#retrying, ...(await this.#slots.end())]
    const error = notRunning()
    for (const job of left) job.outcome.abandoned(error)
    const unstored = this.#load.messages
    if (unstored > 0) this.#options.logger.warn({ unstored }, 'Messages were not stored before the stop')
  }

  ingest(message: RawMessage): boolean {
    if (this.#isStopped || this.#load.isFull) {
      this.#turnedAway += 1
      return false
    }
    const bounded = boundMessage(message)
    this.#load.add(1, bounded.bytes.length)
    this.#enqueueLive(this.#live.add(bounded))
    return true
  }

  room(signal?: AbortSignal): Promise<void> {
    return this.#load.room(signal)
  }

  async ingestAll(messages: Iterable<RawMessage>, signal?: AbortSignal): Promise<IngestResult> {
    const results: Promise<IngestResult>[] = []
    for (const batch of cutIntoBatches(messages)) {
      await this.#load.room(signal)
      const result = new Promise<IngestResult>((stored, abandoned) => {
        const job = createJob('store', batch, { ...UNEXPECTED, stored, abandoned })
        this.#load.add(batch.length, job.sizeBytes)
        this.#enqueue(job)
      })
      // Awaited below, once all are taken; until then its end is not unhandled.
      result.catch(() => undefined)
      results.push(result)
    }
    return mergeIngestResults(await Promise.all(results))
  }

  async decide(messages: readonly Uint8Array[]): Promise<(Decision | null)[]> {
    const parts = this.#examine<(Decision | null)[]>('decide', messages, (decided) => ({ decided }))
    return (await Promise.all(parts)).flat()
  }

  async audit(messages: readonly Uint8Array[]): Promise<AuditedBatch> {
    const parts = this.#examine<AuditedBatch>('audit', messages, (audited) => ({ audited }))
    return joinAuditedBatches(await Promise.all(parts))
  }

  drained(): Promise<void> {
    return this.#load.none()
  }

  onIngested(listener: (result: IngestResult) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  statistics(): VerifierStatistics {
    const { verdicts, refused, keyExchange } = this.#totals
    return {
      verdicts: { ...verdicts },
      refused,
      keyExchange,
      workers: this.#slots.size,
      restarts: this.#slots.restarts,
      unstored: this.#load.messages,
      unstoredBytes: this.#load.bytes,
      turnedAway: this.#turnedAway,
      problem: this.#problem,
    }
  }

  /** Sends messages that are not to be stored, a promise for each batch. */
  #examine<T>(
    kind: 'decide' | 'audit',
    messages: readonly Uint8Array[],
    outcome: (done: (part: T) => void) => Partial<JobOutcome>,
  ): Promise<T>[] {
    const raw = messages.map((bytes) => ({ bytes, source: '', receivedAt: 0 }))
    return [...cutIntoBatches(raw)].map(
      (batch) =>
        new Promise<T>((done, abandoned) => {
          this.#enqueue(createJob(kind, batch, { ...UNEXPECTED, abandoned, ...outcome(done) }))
        }),
    )
  }

  #enqueueLive(messages: RawMessage[] | undefined): void {
    if (messages === undefined) return
    this.#queue.push(createJob('store', messages, LIVE_OUTCOME))
    this.#dispatch()
  }

  #enqueue(job: VerifierJob): void {
    if (this.#isStopped) {
      job.outcome.abandoned(notRunning())
      return
    }
    this.#queue.push(job)
    this.#dispatch()
  }

  #dispatch(): void {
    if (this.#isWaitingForStore) return
    for (let job = this.#queue[0]; job !== undefined; job = this.#queue[0]) {
      if (!this.#slots.assign(job)) return
      this.#queue.shift()
    }
    if (this.#live.isDue && this.#slots.hasRoom) this.#enqueueLive(this.#live.take())
  }

  #settle(job: VerifierJob, event: BatchEvent): void {
    switch (event.kind) {
      case 'stored':
        this.#finish(job, { ...event.counts, append: event.result })
        break
      case 'decided':
        job.outcome.decided(event.decisions)
        break
      case 'audited':
        job.outcome.audited(event.audited)
        break
      case 'failed':
        this.#retry(job, event.error)
        break
    }
    this.#dispatch()
  }

  #finish(job: VerifierJob, result: IngestResult): void {
    this.#storeFailures = 0
    this.#problem = null
    this.#load.remove(job.messages.length, job.sizeBytes)
    addCounts(this.#totals, result)
    job.outcome.stored(result)
    for (const listener of this.#listeners) listener(result)
  }

  /** Sends the batch again later, and all others too: what stops one mostly stops all. */
  #retry(job: VerifierJob, error: ErrorView): void {
    this.#problem = error
    job.failures += 1
    this.#retrying.add(job)
    this.#later(backOffMs(job.failures), () => {
      this.#retrying.delete(job)
      this.#queue.unshift(job)
      this.#dispatch()
    })
    if (this.#isWaitingForStore) return
    this.#isWaitingForStore = true
    this.#storeFailures += 1
    this.#options.logger.warn({ error }, 'The store took no messages; they wait and are sent again')
    this.#later(backOffMs(this.#storeFailures), () => {
      this.#isWaitingForStore = false
      this.#dispatch()
    })
  }

  /** Verifies again what a dead worker held. A batch that kills a worker by itself is halved down to the message. */
  #resume(jobs: VerifierJob[]): void {
    for (const job of jobs.reverse()) {
      job.deaths += 1
      const diedAlone = job.deaths > 1
      if (!diedAlone) this.#queue.unshift(job)
      else if (job.messages.length > 1) this.#queue.unshift(...splitJob(job))
      else void this.#quarantine(job)
    }
    this.#dispatch()
  }

  async #quarantine(job: VerifierJob): Promise<void> {
    const [message] = job.messages
    if (job.kind === 'audit') return job.outcome.audited(emptyAuditedBatch(1))
    if (job.kind === 'decide' || message === undefined) return job.outcome.decided([null])
    const { bytes, source, receivedAt } = message
    const raw = bytes.subarray(0, MAX_REFUSED_EXCERPT_BYTES)
    this.#options.logger.error(
      { source, sizeBytes: bytes.length },
      'A message that ends its verifier was set aside',
    )
    try {
      const append = await this.#options.store.append(
        [],
        [{ reason: 'verifier-died', source, receivedAt, raw }],
      )
      this.#settle(job, {
        kind: 'stored',
        id: job.id,
        counts: { ...emptyCounts(), refused: 1 },
        result: append,
      })
    } catch (error) {
      this.#settle(job, { kind: 'failed', id: job.id, error: toErrorView(error) })
    }
  }

  #later(delayMs: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, delayMs)
    this.#timers.add(timer)
  }
}
