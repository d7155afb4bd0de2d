import { TidemarkError } from '../../../shared/errors.ts'

/** Longest wait for a block the caller knows of. */
const WAIT_TIMEOUT_MS = 60_000

/** Callers who wait until the index has come to a block. */
export class BlockWaiters {
  readonly #stopping: AbortSignal
  readonly #waiters = new Set<() => void>()

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping
  }

  /** The index has moved: everybody looks again. */
  wake(): void {
    for (const look of [...this.#waiters]) look()
  }

  /**
   * Resolves when `headBlock` is at `block` or beyond.
   * @throws TidemarkError `timeout` after a minute, `aborted` by the signal or the stop of the index
   */
  async wait(block: number, headBlock: () => number | undefined, signal?: AbortSignal): Promise<void> {
    const deadline = AbortSignal.timeout(WAIT_TIMEOUT_MS)
    const end = AbortSignal.any([deadline, this.#stopping, ...(signal === undefined ? [] : [signal])])
    const isThere = () => (headBlock() ?? -1) >= block
    if (!isThere() && !end.aborted) {
      await new Promise<void>((resolve) => {
        const look = () => {
          if (!isThere() && !end.aborted) return
          this.#waiters.delete(look)
          end.removeEventListener('abort', look)
          resolve()
        }
        this.#waiters.add(look)
        end.addEventListener('abort', look)
      })
    }
    if (isThere()) return
    throw deadline.aborted
      ? new TidemarkError(
          'timeout',
          `The index has not reached block ${block} within a minute.`,
          'Look at the RPC endpoints in the settings: the chain may be out of reach.',
        )
      : new TidemarkError('aborted', 'The wait for a block was ended.', 'Try again.')
  }
}
