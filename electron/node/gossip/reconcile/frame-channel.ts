import { MAX_FRAME_BYTES } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { decodeLength, encodeLength } from '../wire/length.ts'
import { ReadBuffer } from '../wire/read-buffer.ts'
import { decodeFrame, encodeFrame, type Frame, type FrameKind, type FrameOf } from './frames.ts'

/** Bytes that went over a channel; what carried messages stands apart from what it took to find them. */
export interface ChannelTraffic {
  readonly sentBytes: number
  readonly receivedBytes: number
  /** Of those, in frames of messages. */
  readonly sentMessageBytes: number
  readonly receivedMessageBytes: number
}

export interface FrameChannelOptions {
  stream: PeerStream
  /** How long one frame may take to arrive or to be taken, ms. */
  frameTimeoutMs: number
  /** How long all of it may take, ms. */
  sessionTimeoutMs: number
  /** Ends everything. */
  signal: AbortSignal
}

/** Frames over a stream, each with its length before it and a deadline. Has to be closed or aborted. */
export class FrameChannel {
  readonly #stream: PeerStream
  readonly #frameTimeoutMs: number
  readonly #received = new ReadBuffer()
  readonly #ended = new AbortController()
  readonly #release: () => void
  readonly #traffic = { sentBytes: 0, receivedBytes: 0, sentMessageBytes: 0, receivedMessageBytes: 0 }

  constructor({ stream, frameTimeoutMs, sessionTimeoutMs, signal }: FrameChannelOptions) {
    this.#stream = stream
    this.#frameTimeoutMs = frameTimeoutMs
    const end = (): void => this.#ended.abort(signal.reason)
    const session = setTimeout(() => this.#ended.abort(late(sessionTimeoutMs)), sessionTimeoutMs)
    this.#release = () => {
      clearTimeout(session)
      signal.removeEventListener('abort', end)
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  }

  get traffic(): ChannelTraffic {
    return { ...this.#traffic }
  }

  /** @throws {PeerFault} `late` or `died`; the reason of the signal when that aborted. */
  async send(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame)
    const length = encodeLength(bytes.length)
    await this.#withinDeadline((signal) => this.#stream.write(Buffer.concat([length, bytes]), signal))
    this.#traffic.sentBytes += length.length + bytes.length
    if (frame.kind === 'messages') this.#traffic.sentMessageBytes += length.length + bytes.length
  }

  /**
   * The next frame, or `undefined` when the peer closed its side between two frames.
   * @throws {PeerFault} `malformed`, `too-large`, `late` or `died`; the reason of the signal when that aborted.
   */
  async receive(): Promise<Frame | undefined> {
    return await this.#withinDeadline(async (signal) => {
      for (;;) {
        const bytes = this.#takeFrame()
        if (bytes !== undefined) return this.#decoded(bytes)
        const chunk = await this.#stream.read(signal)
        if (chunk === undefined) {
          if (this.#received.length > 0) throw new PeerFault('died', 'The peer ended within a frame.')
          return undefined
        }
        this.#traffic.receivedBytes += chunk.length
        this.#received.append(chunk)
      }
    })
  }

  /**
   * The next frame, which has to be of one of these kinds.
   * @throws {PeerFault} as `receive`, and `unexpected` or `died` when there is another frame or none.
   */
  async expect<K extends FrameKind>(...kinds: readonly K[]): Promise<FrameOf<K>> {
    const frame = await this.receive()
    if (frame === undefined) throw new PeerFault('died', 'The peer ended before its answer.')
    if (!(kinds as readonly FrameKind[]).includes(frame.kind)) {
      throw new PeerFault('unexpected', `The peer sent ${frame.kind} instead of ${kinds.join(' or ')}.`)
    }
    return frame as FrameOf<K>
  }

  /** Says that nothing more will be sent. */
  async close(): Promise<void> {
    this.#release()
    await this.#stream.close()
  }

  /** Breaks off at once. */
  abort(reason: Error): void {
    this.#release()
    this.#stream.abort(reason)
  }

  #decoded(bytes: Uint8Array): Frame {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'messages') {
      this.#traffic.receivedMessageBytes += encodeLength(bytes.length).length + bytes.length
    }
    return frame
  }

  #takeFrame(): Uint8Array | undefined {
    const received = this.#received.peek()
    const prefix = decodeLength(received, 0)
    if (prefix === undefined) return undefined
    if (prefix.length > MAX_FRAME_BYTES) {
      throw new PeerFault('too-large', `A frame of ${prefix.length} bytes is announced.`)
    }
    const end = prefix.sizeBytes + prefix.length
    return received.length < end ? undefined : this.#received.take(end, prefix.sizeBytes)
  }

  async #withinDeadline<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#ended
    signal.throwIfAborted()
    const deadline = setTimeout(() => this.#ended.abort(late(this.#frameTimeoutMs)), this.#frameTimeoutMs)
    try {
      return await work(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof PeerFault) throw error
      throw new PeerFault('died', 'The connection to the peer broke.', { cause: error })
    } finally {
      clearTimeout(deadline)
    }
  }
}

function late(timeoutMs: number): PeerFault {
  return new PeerFault('late', `The peer took more than ${timeoutMs} ms.`)
}
