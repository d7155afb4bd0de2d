import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { decodeLength, encodeLength } from './length.ts'
import { ReadBuffer } from './read-buffer.ts'

/** Blocks of bytes over a stream, each with its length before it. */
export class BlockStream {
  readonly #stream: PeerStream
  readonly #maxBytes: number
  readonly #unread = new ReadBuffer()
  #sentBytes = 0
  #receivedBytes = 0

  /** @param maxBytes largest block that is taken, in bytes. */
  constructor(stream: PeerStream, maxBytes: number) {
    this.#stream = stream
    this.#maxBytes = maxBytes
  }

  /** Bytes that went over the stream, lengths included. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  async write(block: Uint8Array, signal: AbortSignal): Promise<void> {
    const bytes = Buffer.concat([encodeLength(block.length), block])
    await this.#stream.write(bytes, signal)
    this.#sentBytes += bytes.length
  }

  /**
   * The next block, or `undefined` when the peer closed its side between two of them.
   * @throws {PeerFault} `malformed`, `too-large` or `died`, and what the stream throws.
   */
  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      const block = this.#takeBlock()
      if (block !== undefined) return block
      const chunk = await this.#stream.read(signal)
      if (chunk === undefined) {
        if (this.#unread.length > 0) throw new PeerFault('died', 'The peer ended within a frame.')
        return undefined
      }
      this.#receivedBytes += chunk.length
      this.#unread.append(chunk)
    }
  }

  #takeBlock(): Uint8Array | undefined {
    const unread = this.#unread.peek()
    const prefix = decodeLength(unread, 0)
    if (prefix === undefined) return undefined
    if (prefix.length > this.#maxBytes) {
      throw new PeerFault('too-large', `A frame of ${prefix.length} bytes is announced.`)
    }
    const end = prefix.sizeBytes + prefix.length
    return unread.length < end ? undefined : this.#unread.take(end, prefix.sizeBytes)
  }
}
