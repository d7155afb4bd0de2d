import type { ServerResponse } from 'node:http'

/** The client went away, or took nothing for too long. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/**
 * Writes to a response one chunk after the other: `write` resolves when the operating system has taken the chunk,
 * so its memory is free again. A client that takes no byte for the idle deadline is cut off; while the server itself
 * has nothing to write, the clock does not count.
 */
export class ChunkWriter {
  readonly #response: ServerResponse
  #reject: ((error: Error) => void) | undefined

  constructor(response: ServerResponse, idleDeadlineMs: number) {
    this.#response = response
    response.once('close', () => this.#reject?.(new ClientGone('The connection was closed.')))
    response.setTimeout(idleDeadlineMs, () => {
      if (this.#reject !== undefined) response.destroy()
    })
  }

  /** @throws {ClientGone} */
  write(chunk: Uint8Array): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#response.destroyed) {
        reject(new ClientGone('The connection is closed.'))
        return
      }
      this.#reject = reject
      this.#response.write(chunk, (error) => {
        this.#reject = undefined
        if (error) reject(new ClientGone('The connection broke.', { cause: error }))
        else resolve()
      })
    })
  }
}
