import { MAX_FRAME_BYTES } from '../limits.ts'
import { PeerFault } from '../peer-fault.ts'
import type { PeerStream } from '../ports.ts'
import { BlockStream } from '../wire/block-stream.ts'
import { startPatientTimer } from '../wire/patient-timer.ts'
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
  readonly #blocks: BlockStream
  readonly #ended = new AbortController()
  readonly #release: () => void
  #sentMessageBytes = 0
  #receivedMessageBytes = 0

  constructor({ stream, frameTimeoutMs, sessionTimeoutMs, signal }: FrameChannelOptions) {
    this.#stream = stream
    this.#blocks = new BlockStream(stream, MAX_FRAME_BYTES)
    this.#frameTimeoutMs = frameTimeoutMs
    const end = (): void => this.#ended.abort(signal.reason)
    const endSession = startPatientTimer(sessionTimeoutMs, () => this.#ended.abort(late(sessionTimeoutMs)))
    this.#release = () => {
      endSession()
      signal.removeEventListener('abort', end)
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  }

  get traffic(): ChannelTraffic {
    const { sentBytes, receivedBytes } = this.#blocks
    return {
      sentBytes,
      receivedBytes,
      sentMessageBytes: this.#sentMessageBytes,
      receivedMessageBytes: this.#receivedMessageBytes,
    }
  }

  /** @throws {PeerFault} `late` or `died`; the reason of the signal when that aborted. */
  async send(frame: Frame): Promise<void> {
    const bytes = encodeFrame(frame)
    await this.#withinDeadline((signal) => this.#blocks.write(bytes, signal))
    if (frame.kind === 'messages') this.#sentMessageBytes += bytes.length
  }

  /**
   * The next frame, or `undefined` when the peer closed its side between two frames.
   * @throws {PeerFault} `malformed`, `too-large`, `late` or `died`; the reason of the signal when that aborted.
   */
  async receive(): Promise<Frame | undefined> {
    const bytes = await this.#withinDeadline((signal) => this.#blocks.read(signal))
    if (bytes === undefined) return undefined
    const frame = decodeFrame(bytes)
    if (frame.kind === 'messages') this.#receivedMessageBytes += bytes.length
    return frame
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

  async #withinDeadline<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = this.#ended
    signal.throwIfAborted()
    const endFrame = startPatientTimer(this.#frameTimeoutMs, () =>
      this.#ended.abort(late(this.#frameTimeoutMs)),
    )
    try {
      return await work(signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof PeerFault) throw error
      throw new PeerFault('died', 'The connection to the peer broke.', { cause: error })
    } finally {
      endFrame()
    }
  }
}

function late(timeoutMs: number): PeerFault {
  return new PeerFault('late', `The peer took more than ${timeoutMs} ms.`)
}
