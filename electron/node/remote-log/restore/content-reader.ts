import { type Address, assertContentMatches } from '../address.ts'
import { assertBlockFits } from '../block.ts'
import { withDeadline } from '../deadline.ts'
import { RemoteLogError } from '../errors.ts'
import type { ContentStore } from '../ports.ts'
import { withRetries } from '../retry.ts'

/** How long one try for one block may take. */
export const GET_TIMEOUT_MS = 20_000
const RETRIES = { attempts: 3, firstDelayMs: 100, maxDelayMs: 2_000 }

export interface ContentReaderOptions {
  content: ContentStore
  timeoutMs: number
  signal: AbortSignal | undefined
}

/** No block is that large, so it is not the one that was asked for; what another try, or another store, gives may be. */
function asMismatch(error: unknown): never {
  if (!(error instanceof RemoteLogError) || error.code !== 'content-too-large') throw error
  throw new RemoteLogError('content-mismatch', `The store handed out another content. ${error.message}`, {
    cause: error,
  })
}

/** Reads blocks from a store that may be slow, away for a moment, or lie. */
export class ContentReader {
  readonly #options: ContentReaderOptions
  #bytesRead = 0
  #blocksRead = 0

  constructor(options: ContentReaderOptions) {
    this.#options = options
  }

  get bytesRead(): number {
    return this.#bytesRead
  }

  get blocksRead(): number {
    return this.#blocksRead
  }

  /** @throws {RemoteLogError} when it cannot be had, after a few tries. */
  async read(address: Address): Promise<Uint8Array> {
    const { content, timeoutMs, signal } = this.#options
    const block = await withRetries(
      async () => {
        const bytes = await withDeadline(
          async (either) => {
            const block = await content.get(address, { signal: either })
            assertBlockFits(block)
            return block
          },
          timeoutMs,
          signal,
        ).catch(asMismatch)
        // Stores check what they hand out; a reader that takes their word for it trusts every one ever written.
        assertContentMatches(address, bytes)
        return bytes
      },
      { ...RETRIES, signal },
    )
    this.#bytesRead += block.length
    this.#blocksRead += 1
    return block
  }

  /** Lets the store fetch pages ahead, if it can; returns how many it got. */
  async fetchAhead(address: Address): Promise<number> {
    const { content, timeoutMs, signal } = this.#options
    if (content.fetchAhead === undefined) return 0
    try {
      return await withDeadline(
        (either) => content.fetchAhead?.(address, { signal: either }) ?? Promise.resolve(0),
        timeoutMs,
        signal,
      )
    } catch (error) {
      signal?.throwIfAborted()
      // Pages are then read one by one, and what is wrong shows there.
      if (error instanceof RemoteLogError) return 0
      throw error
    }
  }
}
