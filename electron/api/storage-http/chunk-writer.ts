import type { ServerResponse } from 'node:http'

/** The client went away, or took nothing for too long. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export interface ChunkWriterOptions {
  response: ServerResponse
  /** Ms in which the client must take something of a chunk. */
  idleDeadlineMs: number
  /** Aborted when the connection closes. */
  signal: AbortSignal
}

/**
 * Writes to a response one chunk after the other: `write` resolves when the operating system has taken the chunk,
 * so its memory is free again. A client that takes no byte for the idle deadline is cut off; while the server itself
 * has nothing to write, the clock does not count.
 */
export class ChunkWriter {
  readonly #response: ServerResponse
  readonly #signal: AbortSignal
  #writing = false

  constructor({ response, idleDeadlineMs, signal }: ChunkWriterOptions) {
    this.#response = response
    this.#signal = signal
    response.setTimeout(idleDeadlineMs, () => {
      if (this.#writing) response.destroy()
    })
  }

  /** @throws {ClientGone} */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#signal.aborted) throw new ClientGone('The connection is closed.')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // A response that waits behind another on its connection never hears that the connection closed.
    const onAbort = (): void => reject(new ClientGone('The connection was closed.'))
    this.#signal.addEventListener('abort', onAbort, { once: true })
    this.#writing = true
    this.#response.write(chunk, (error) => {
      if (error) reject(new ClientGone('The connection broke.', { cause: error }))
      else resolve()
    })
    try {
      await promise
    } finally {
      this.#writing = false
      this.#signal.removeEventListener('abort', onAbort)
    }
  }
}
