import type { MessagePort } from 'node:worker_threads'
import type { Logger } from '../ports.ts'
import type { QuestionDesk } from './question-desk.ts'
import { packRawBatch } from './raw-batch.ts'
import type { VerifierJob } from './verifier-job.ts'
import { MAX_BATCHES_PER_WORKER, RESTART_DELAY_MS } from './verifier-limits.ts'
import type { WorkerRequest } from './verifier-protocol.ts'
import { type BatchEvent, VerifierThread } from './verifier-thread.ts'

export interface WorkerSlotsOptions {
  workers: number
  workerUrl: URL
  desk: QuestionDesk
  /** Opens a new connection to the store's writer. */
  openPort(): Promise<MessagePort>
  logger: Logger
  onBatch(job: VerifierJob, event: BatchEvent): void
  /** The jobs a worker held when it died; it is being replaced. */
  onDeath(jobs: VerifierJob[]): void
  /** A worker has become ready for jobs. */
  onReady(): void
}

interface Slot {
  thread: VerifierThread
  jobs: Map<number, VerifierJob>
  /** False until the port to the store's writer is there. */
  connected: boolean
}

/** The workers of the pool: which has room, who holds which job, and a new one for each that dies. */
export class WorkerSlots {
  readonly #options: WorkerSlotsOptions
  readonly #slots = new Set<Slot>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #restarts = 0
  #isEnded = false

  constructor(options: WorkerSlotsOptions) {
    this.#options = options
  }

  get restarts(): number {
    return this.#restarts
  }

  get size(): number {
    return this.#slots.size
  }

  /** Whether a job that is under no suspicion would find a worker now. */
  get hasRoom(): boolean {
    return this.#findRoom(false) !== undefined
  }

  async start(): Promise<void> {
    const starts: Promise<void>[] = []
    while (starts.length < this.#options.workers) starts.push(this.#addSlot())
    await Promise.all(starts)
  }

  /** Hands the job to the least loaded worker; false when none has room for it. */
  assign(job: VerifierJob): boolean {
    const slot = this.#findRoom(job.deaths > 0)
    if (slot === undefined) return false
    const batch = packRawBatch(job.messages)
    slot.jobs.set(job.id, job)
    slot.thread.send({ kind: job.kind, id: job.id, batch }, [batch.buffer])
    return true
  }

  broadcast(request: WorkerRequest): void {
    for (const { thread } of this.#slots) thread.send(request)
  }

  /** Ends the workers; resolves to the jobs they held. */
  async end(): Promise<VerifierJob[]> {
    this.#isEnded = true
    for (const timer of this.#timers) clearTimeout(timer)
    const slots = [...this.#slots]
    this.#slots.clear()
    await Promise.all(slots.map(({ thread }) => thread.end()))
    return slots.flatMap(({ jobs }) => [...jobs.values()])
  }

  /** The least loaded worker with room. A batch under suspicion has a worker to itself, so that blame is certain. */
  #findRoom(isSuspect: boolean): Slot | undefined {
    let least: Slot | undefined
    for (const slot of this.#slots) {
      if (slot.connected && (least === undefined || slot.jobs.size < least.jobs.size)) least = slot
    }
    if (least === undefined || least.jobs.size >= MAX_BATCHES_PER_WORKER) return undefined
    const isForSuspect = isSuspect || [...least.jobs.values()].some(({ deaths }) => deaths > 0)
    if (isForSuspect && least.jobs.size > 0) return undefined
    return least
  }

  async #addSlot(): Promise<void> {
    const { desk, workerUrl } = this.#options
    const slot: Slot = {
      jobs: new Map(),
      connected: false,
      thread: new VerifierThread({
        desk,
        workerUrl,
        onBatch: (event) => this.#settle(slot, event),
        onDisconnected: () => void this.#connect(slot),
        onDeath: (error) => this.#replace(slot, error),
      }),
    }
    this.#slots.add(slot)
    await this.#connect(slot)
  }

  #settle(slot: Slot, event: BatchEvent): void {
    const job = slot.jobs.get(event.id)
    slot.jobs.delete(event.id)
    if (job !== undefined) this.#options.onBatch(job, event)
  }

  async #connect(slot: Slot): Promise<void> {
    slot.connected = false
    try {
      const port = await this.#options.openPort()
      slot.thread.send({ kind: 'connect', port }, [port])
      slot.connected = true
      this.#options.onReady()
    } catch (error) {
      this.#options.logger.warn(
        { error },
        'A verifier worker could not be joined to the store; it will be tried again',
      )
      this.#later(() => void this.#connect(slot))
    }
  }

  #replace(slot: Slot, error: Error): void {
    this.#slots.delete(slot)
    this.#restarts += 1
    this.#options.logger.error(
      { error, jobs: slot.jobs.size },
      'A verifier worker died; another takes its place',
    )
    this.#later(() => void this.#addSlot())
    this.#options.onDeath([...slot.jobs.values()])
  }

  #later(action: () => void): void {
    if (this.#isEnded) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, RESTART_DELAY_MS)
    this.#timers.add(timer)
  }
}
