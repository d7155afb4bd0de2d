import { setTimeout as delay } from 'node:timers/promises'
import { TidemarkError, toErrorView } from '../../../shared/errors.ts'
import type { StreamPartId } from '../../../shared/message.ts'
import type { AssignedPartView } from '../../../shared/storage.ts'
import type { Logger } from '../ports.ts'
import { JOIN_DEADLINE_MS, NEIGHBOUR_CHECK_MS, NEIGHBOUR_WAIT_MS, RETRY_DELAYS_MS } from './limits.ts'
import type { PartMembership } from './ports.ts'

export interface AssignedPartOptions {
  part: StreamPartId
  membership: PartMembership
  /** Tells the world that the part is stored here now. */
  announce: (part: StreamPartId) => Promise<void>
  /** Bounds how many parts join at once. */
  limitJoins: <T>(task: () => Promise<T>) => Promise<T>
  onChange: () => void
  neighbourWaitMs?: number
  logger: Logger
}

/** One stream part on its way from being assigned to being stored: joined, then announced, each until it succeeds. */
export class AssignedPart {
  readonly #options: AssignedPartOptions
  readonly #leaving = new AbortController()
  readonly #joining: Promise<void>
  #state: AssignedPartView['state'] = 'joining'
  #problem: AssignedPartView['problem'] = null

  constructor(options: AssignedPartOptions) {
    this.#options = options
    this.#joining = this.#untilStored()
  }

  view(): AssignedPartView {
    return { part: this.#options.part, state: this.#state, problem: this.#problem }
  }

  /** Leaves the part; resolves when nothing of it goes on. */
  async leave(): Promise<void> {
    await this.stop()
    await this.#options.membership.leave(this.#options.part)
  }

  /** Ends what is under way and stays a member. */
  async stop(): Promise<void> {
    this.#leaving.abort()
    await this.#joining
  }

  async #untilStored(): Promise<void> {
    const { part, limitJoins, announce } = this.#options
    const { signal } = this.#leaving
    try {
      await this.#untilDone('joined', 'failing', () => limitJoins(() => this.#join()))
      this.#settle('stored', null)
      await this.#untilDone('announced', 'stored', () => announce(part))
      this.#settle('stored', null)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** @param meanwhile the state while it fails */
  async #untilDone(
    what: string,
    meanwhile: AssignedPartView['state'],
    attempt: () => Promise<void>,
  ): Promise<void> {
    const { part, logger } = this.#options
    const { signal } = this.#leaving
    for (let failures = 0; ; failures++) {
      signal.throwIfAborted()
      try {
        return await attempt()
      } catch (error) {
        signal.throwIfAborted()
        logger.warn({ part, error }, `an assigned stream part could not be ${what}`)
        const { message, remedy } = toErrorView(error)
        this.#settle(meanwhile, { message, remedy })
        const waitMs = RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length - 1)]
        await delay(waitMs, undefined, { signal })
      }
    }
  }

  async #join(): Promise<void> {
    const { part, membership, neighbourWaitMs = NEIGHBOUR_WAIT_MS } = this.#options
    const { signal } = this.#leaving
    signal.throwIfAborted()
    await withDeadline(membership.join(part), signal)
    const waitUntil = performance.now() + neighbourWaitMs
    while (!membership.hasNeighbours(part) && performance.now() < waitUntil) {
      await delay(NEIGHBOUR_CHECK_MS, undefined, { signal })
    }
  }

  #settle(state: AssignedPartView['state'], problem: AssignedPartView['problem']): void {
    this.#state = state
    this.#problem = problem
    this.#options.onChange()
  }
}

/** Gives up waiting at the deadline or the signal; what the promise does then is of no interest any more. */
async function withDeadline(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const waiting = new AbortController()
  const deadline = delay(JOIN_DEADLINE_MS, undefined, { signal: AbortSignal.any([signal, waiting.signal]) })
  const late = deadline.then(() => {
    throw new TidemarkError(
      'timeout',
      'The stream part could not be joined in time; nothing new arrives for now.',
      'Check the connection in the status bar. Tidemark tries again by itself.',
    )
  })
  try {
    await Promise.race([promise, late])
  } finally {
    late.catch(() => undefined)
    waiting.abort()
  }
}
