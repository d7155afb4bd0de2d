import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { PeerStream } from '../ports.ts'
import type { TrafficMeter } from './traffic.ts'

/** Unread bytes above which the peer is held back, and below which it may go on. */
const PAUSE_ABOVE_BYTES = 131_072
const RESUME_BELOW_BYTES = 32_768

/**
 * A libp2p stream with back-pressure in both directions. The library's own readers queue without bound, and its
 * `onDrain` resolves at once from the second time on; so this listens to the stream's events itself.
 * @param meter counts the bytes of the stream.
 */
export function peerStream(
  stream: Stream,
  meter: TrafficMeter = { sentBytes: 0, receivedBytes: 0 },
): PeerStream {
  return new Libp2pPeerStream(stream, meter)
}

class Libp2pPeerStream implements PeerStream {
  readonly #stream: Stream
  readonly #meter: TrafficMeter
  readonly #chunks: Uint8Array[] = []
  #unreadBytes = 0
  #isEnded = false
  #error: Error | undefined
  #change = Promise.withResolvers<void>()

  constructor(stream: Stream, meter: TrafficMeter) {
    this.#stream = stream
    this.#meter = meter
    stream.addEventListener('message', (event: StreamMessageEvent) => this.#take(event.data.subarray()))
    stream.addEventListener('end', () => this.#end(undefined))
    stream.addEventListener('close', (event: StreamCloseEvent) => this.#end(event.error))
    stream.addEventListener('drain', () => this.#tell())
    if (stream.readableEnded) this.#isEnded = true
  }

  async read(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      signal?.throwIfAborted()
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#unreadBytes -= chunk.length
        if (this.#unreadBytes < RESUME_BELOW_BYTES) this.#resume()
        return chunk
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#isEnded && this.#stream.readBufferLength === 0) return undefined
      this.#resume()
      if (this.#chunks.length === 0) await this.#changed(signal)
    }
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.#error !== undefined) throw this.#error
    this.#meter.sentBytes += bytes.length
    if (this.#stream.send(bytes)) return
    while (this.#stream.writableNeedsDrain) {
      await this.#changed(signal)
      if (this.#error !== undefined) throw this.#error
      if (this.#stream.writeStatus === 'closed') throw new Error('The stream was closed.')
    }
  }

  async close(): Promise<void> {
    if (this.#stream.writeStatus === 'writable') await this.#stream.close()
  }

  abort(reason: Error): void {
    this.#stream.abort(reason)
  }

  #take(bytes: Uint8Array): void {
    this.#chunks.push(bytes)
    this.#meter.receivedBytes += bytes.length
    this.#unreadBytes += bytes.length
    if (this.#unreadBytes > PAUSE_ABOVE_BYTES && this.#stream.readStatus === 'readable') this.#stream.pause()
    this.#tell()
  }

  #resume(): void {
    if (this.#stream.readStatus === 'paused') this.#stream.resume()
  }

  #end(error: Error | undefined): void {
    this.#isEnded = true
    this.#error ??= error
    this.#tell()
  }

  #tell(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers<void>()
  }

  async #changed(signal: AbortSignal | undefined): Promise<void> {
    const { promise } = this.#change
    if (signal === undefined) return await promise
    const aborted = Promise.withResolvers<void>()
    const abort = (): void => aborted.resolve()
    signal.addEventListener('abort', abort)
    await Promise.race([promise, aborted.promise])
    signal.removeEventListener('abort', abort)
    signal.throwIfAborted()
  }
}
