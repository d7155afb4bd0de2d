import { type MessageId, type StreamPartId, streamPartId } from '../../../../shared/message.ts'
import { contentDigest } from '../../message/content-digest.ts'
import { decodeStreamMessage } from '../../message/decode.ts'
import { MessageRefused } from '../../message/message-refused.ts'
import { compareMessages } from '../../message/order.ts'
import { PeerFault } from '../peer-fault.ts'

/** A message from a peer: asked for, of the right part and time, in order. Its signature is not checked yet. */
export interface ReceivedMessage {
  readonly id: MessageId
  readonly digest: Uint8Array
  readonly raw: Uint8Array
}

export interface IncomingMessagesOptions {
  part: StreamPartId
  /** Only timestamps from here, ms. */
  from: number
  /** Only timestamps before this, ms. */
  to: number
  /** Most messages that may come. */
  limit: number
  /** Whether a message was asked for. */
  isAsked: (message: ReceivedMessage) => boolean
}

/**
 * Looks at messages from a peer before anything else does. They have to come in the order of the store, which shows
 * repetition without keeping what came before.
 */
export class IncomingMessages {
  readonly #options: IncomingMessagesOptions
  #last: ReceivedMessage | undefined
  #received = 0

  constructor(options: IncomingMessagesOptions) {
    this.#options = options
  }

  get received(): number {
    return this.#received
  }

  /**
   * @param raw messages of one frame.
   * @throws {PeerFault} `malformed`, `foreign`, `unasked`, `duplicate`, `unordered` or `endless`.
   */
  check(raw: readonly Uint8Array[]): ReceivedMessage[] {
    return raw.map((bytes) => this.#checkOne(bytes))
  }

  #checkOne(raw: Uint8Array): ReceivedMessage {
    const { part, from, to, limit, isAsked } = this.#options
    this.#received += 1
    if (this.#received > limit) throw new PeerFault('endless', `The peer sent more than ${limit} messages.`)
    const message = readMessage(raw)
    const { id } = message
    if (streamPartId(id.streamId, id.partition) !== part) {
      throw new PeerFault('foreign', 'The peer sent a message of another stream part.')
    }
    if (id.timestamp < from || id.timestamp >= to) {
      throw new PeerFault('foreign', 'The peer sent a message of another time.')
    }
    const order = this.#last === undefined ? -1 : compareMessages(this.#last, message)
    if (order === 0) throw new PeerFault('duplicate', 'The peer sent a message twice.')
    if (order > 0) throw new PeerFault('unordered', 'The peer sent messages out of order.')
    if (!isAsked(message)) throw new PeerFault('unasked', 'The peer sent a message it was not asked for.')
    this.#last = message
    return message
  }
}

function readMessage(raw: Uint8Array): ReceivedMessage {
  try {
    const decoded = decodeStreamMessage(raw)
    return { id: decoded.id, digest: contentDigest(decoded), raw }
  } catch (error) {
    if (!(error instanceof MessageRefused)) throw error
    throw new PeerFault('malformed', `The peer sent what is no message: ${error.reason}.`, { cause: error })
  }
}
