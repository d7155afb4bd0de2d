import type { PeerStream } from '../../../electron/node/gossip/ports.ts'

/** Bytes that may wait in one direction before the writer is held back. */
const WINDOW_BYTES = 262_144

/** One direction: a queue of chunks with back-pressure. */
class Pipe {
  #chunks: Uint8Array[] = []
  #waitingBytes = 0
  #isClosed = false
  #broken: Error | undefined
  #changed = Promise.withResolvers<void>()

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    while (this.#waitingBytes >= WINDOW_BYTES) await this.#change(signal)
    this.#throwIfBroken(signal)
    if (this.#isClosed) throw new Error('written after close')
    this.#chunks.push(bytes.slice())
    this.#waitingBytes += bytes.length
    this.#tell()
  }

  async read(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      this.#throwIfBroken(signal)
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.length
        this.#tell()
        return chunk
      }
      if (this.#isClosed) return undefined
      await this.#change(signal)
    }
  }

  close(): void {
    this.#isClosed = true
    this.#tell()
  }

  break(reason: Error): void {
    this.#broken ??= reason
    this.#tell()
  }

  #throwIfBroken(signal?: AbortSignal): void {
    signal?.throwIfAborted()
    if (this.#broken !== undefined) throw this.#broken
  }

  #tell(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers<void>()
  }

  async #change(signal?: AbortSignal): Promise<void> {
    const changed = this.#changed.promise
    const aborted = Promise.withResolvers<void>()
    const abort = (): void => aborted.resolve()
    signal?.addEventListener('abort', abort)
    await Promise.race([changed, aborted.promise])
    signal?.removeEventListener('abort', abort)
    this.#throwIfBroken(signal)
  }
}

function end(incoming: Pipe, outgoing: Pipe): PeerStream {
  return {
    read: (signal) => incoming.read(signal),
    write: (bytes, signal) => outgoing.write(bytes, signal),
    close: async () => outgoing.close(),
    abort: (reason) => {
      incoming.break(reason)
      outgoing.break(reason)
    },
  }
}

/** Two ends of a stream in memory. */
export function streamPair(): [PeerStream, PeerStream] {
  const there = new Pipe()
  const back = new Pipe()
  return [end(back, there), end(there, back)]
}
