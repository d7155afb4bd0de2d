import { setTimeout as delay } from 'node:timers/promises'
import { type StreamPartId, streamPartId } from '../../../shared/message.ts'
import type { AssignedPartView } from '../../../shared/storage.ts'
import type { Clock, Logger } from '../ports.ts'
import { AssignedPart } from './assigned-part.ts'
import {
  CHANGE_DELAY_MS,
  DEFAULT_MAX_PARTS,
  MAX_CONCURRENT_JOINS,
  MAX_PARTITIONS,
  POLL_INTERVAL_MS,
  READ_DEADLINE_MS,
} from './limits.ts'
import type { AssignmentSource, PartMembership } from './ports.ts'
import { Semaphore } from './semaphore.ts'

export interface AssignedPartsOptions {
  source: AssignmentSource
  membership: PartMembership
  announce: (part: StreamPartId) => Promise<void>
  onChange: () => void
  maxParts?: number
  pollIntervalMs?: number
  readDeadlineMs?: number
  neighbourWaitMs?: number
  clock: Clock
  logger: Logger
}

/** Follows the assignments: joins what is assigned, leaves what is not any more. */
export class AssignedParts {
  readonly #options: AssignedPartsOptions
  readonly #parts = new Map<StreamPartId, AssignedPart>()
  readonly #joins = new Semaphore(MAX_CONCURRENT_JOINS)
  readonly #stopping = new AbortController()
  #refused: StreamPartId[] = []
  #readAt: number | null = null
  #following: Promise<void> = Promise.resolve()
  #wake: () => void = () => undefined
  #hasChanged = false

  constructor(options: AssignedPartsOptions) {
    this.#options = options
  }

  start(): void {
    const unsubscribe = this.#options.source.onChange(() => {
      this.#hasChanged = true
      this.#wake()
    })
    this.#following = this.#follow().finally(unsubscribe)
  }

  /** Ends following; the parts stay joined, since the node stores them until it stops altogether. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#wake()
    await this.#following
    await Promise.all([...this.#parts.values()].map((part) => part.stop()))
  }

  has(part: StreamPartId): boolean {
    return this.#parts.has(part)
  }

  readAt(): number | null {
    return this.#readAt
  }

  views(): AssignedPartView[] {
    const { maxParts = DEFAULT_MAX_PARTS } = this.#options
    const refused = this.#refused.map(
      (part): AssignedPartView => ({
        part,
        state: 'refused',
        problem: {
          message: `This node stores at most ${maxParts} assigned stream parts, and this one is beyond them.`,
          remedy: 'Raise the bound in the settings, or ask the stream’s owner to choose another node.',
        },
      }),
    )
    return [...[...this.#parts.values()].map((part) => part.view()), ...refused]
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#hasChanged = false
      await this.#refresh()
      await this.#untilNext()
      if (!signal.aborted) await delay(CHANGE_DELAY_MS, undefined, { signal }).catch(() => undefined)
    }
  }

  async #untilNext(): Promise<void> {
    if (this.#hasChanged || this.#stopping.signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#options.pollIntervalMs ?? POLL_INTERVAL_MS)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** A registry that does not answer changes nothing: what was assigned last stays stored. */
  async #refresh(): Promise<void> {
    const { logger, clock, onChange } = this.#options
    try {
      const wanted = await this.#readAssignments()
      this.#readAt = clock.now()
      await this.#apply(wanted)
      onChange()
    } catch (error) {
      if (!this.#stopping.signal.aborted)
        logger.warn({ error }, 'the assignments of this node could not be read')
    }
  }

  async #readAssignments(): Promise<Set<StreamPartId>> {
    const { source, readDeadlineMs = READ_DEADLINE_MS } = this.#options
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(readDeadlineMs)])
    const wanted = new Set<StreamPartId>()
    const streams = source.assignedStreams(signal)[Symbol.asyncIterator]()
    for (;;) {
      const { value: stream, done } = await untilAborted(streams.next(), signal)
      if (done) return wanted
      const partitions = Math.min(Math.max(Math.trunc(stream.partitions), 0), MAX_PARTITIONS)
      for (let partition = 0; partition < partitions; partition++)
        wanted.add(streamPartId(stream.id, partition))
    }
  }

  async #apply(wanted: ReadonlySet<StreamPartId>): Promise<void> {
    const { maxParts = DEFAULT_MAX_PARTS, logger } = this.#options
    const unwanted = [...this.#parts].filter(([part]) => !wanted.has(part))
    for (const [part] of unwanted) this.#parts.delete(part)
    await Promise.all(
      unwanted.map(async ([part, assigned]) => {
        await assigned
          .leave()
          .catch((error: unknown) => logger.warn({ part, error }, 'a stream part was not left in order'))
        logger.info({ part }, 'a stream part is not assigned to this node any more')
      }),
    )
    const added = [...wanted].filter((part) => !this.#parts.has(part))
    const room = Math.max(maxParts - this.#parts.size, 0)
    for (const part of added.slice(0, room)) this.#parts.set(part, this.#join(part))
    this.#refused = added.slice(room)
    if (this.#refused.length > 0)
      logger.warn({ parts: this.#refused.length, maxParts }, 'more is assigned than allowed')
  }

  #join(part: StreamPartId): AssignedPart {
    const { membership, announce, onChange, neighbourWaitMs, logger } = this.#options
    logger.info({ part }, 'a stream part is assigned to this node')
    return new AssignedPart({
      part,
      membership,
      announce,
      limitJoins: (task) => this.#joins.run(task),
      onChange,
      ...(neighbourWaitMs === undefined ? {} : { neighbourWaitMs }),
      logger,
    })
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
