import { RequestRefused } from './request-refused.ts'

export interface AdmissionOptions {
  maxActive: number
  maxActivePerClient: number
  maxWaiting: number
  waitDeadlineMs: number
}

interface Waiter {
  client: string
  admit: () => void
}

/**
 * Bounds how many requests are answered at once. Those beyond wait for their turn, which goes round among the
 * clients that wait, so that a client with a thousand requests delays another's single one by one place.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #active = new Map<string, number>()
  /** By client, in the order in which the clients are served next. */
  readonly #waiting = new Map<string, Set<Waiter>>()
  #activeTotal = 0
  #waitingTotal = 0

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /**
   * Resolves with the function that gives the place back, to be called once.
   * @throws {RequestRefused} 503 when too many wait already, or no place came free by the deadline.
   * @throws the signal's reason when the client goes away meanwhile.
   */
  async enter(client: string, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (!this.#hasPlace(client)) await this.#wait(client, signal)
    else this.#count(client, 1)
    return () => {
      this.#count(client, -1)
      this.#admitNext()
    }
  }

  #hasPlace(client: string): boolean {
    const { maxActive, maxActivePerClient } = this.#options
    return this.#activeTotal < maxActive && (this.#active.get(client) ?? 0) < maxActivePerClient
  }

  #count(client: string, change: 1 | -1): void {
    const active = (this.#active.get(client) ?? 0) + change
    if (active === 0) this.#active.delete(client)
    else this.#active.set(client, active)
    this.#activeTotal += change
  }

  #wait(client: string, signal: AbortSignal): Promise<void> {
    const { maxWaiting, waitDeadlineMs } = this.#options
    if (this.#waitingTotal >= maxWaiting) throw overloaded(waitDeadlineMs)
    return new Promise<void>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#leaveQueue(waiter)
      }
      const waiter: Waiter = {
        client,
        admit: () => {
          settle()
          resolve()
        },
      }
      const onAbort = (): void => {
        settle()
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        settle()
        reject(overloaded(waitDeadlineMs))
      }, waitDeadlineMs)
      signal.addEventListener('abort', onAbort, { once: true })
      this.#joinQueue(waiter)
    })
  }

  #joinQueue(waiter: Waiter): void {
    const queue = this.#waiting.get(waiter.client)
    if (queue === undefined) this.#waiting.set(waiter.client, new Set([waiter]))
    else queue.add(waiter)
    this.#waitingTotal += 1
  }

  #leaveQueue(waiter: Waiter): void {
    const queue = this.#waiting.get(waiter.client)
    if (!queue?.delete(waiter)) return
    this.#waitingTotal -= 1
    if (queue.size === 0) this.#waiting.delete(waiter.client)
  }

  #admitNext(): void {
    for (const [client, queue] of this.#waiting) {
      if (!this.#hasPlace(client)) continue
      const [next] = queue
      if (next === undefined) continue
      this.#count(client, 1)
      next.admit()
      this.#moveToEnd(client)
      return
    }
  }

  #moveToEnd(client: string): void {
    const queue = this.#waiting.get(client)
    if (queue === undefined) return
    this.#waiting.delete(client)
    this.#waiting.set(client, queue)
  }
}

function overloaded(retryAfterMs: number): RequestRefused {
  return new RequestRefused(503, 'Too many requests are being answered. Please try again later.', {
    'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
  })
}
