import { isDeepStrictEqual } from 'node:util'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { addressOf } from '../../../electron/node/remote-log/address.ts'
import { RemoteLogError } from '../../../electron/node/remote-log/errors.ts'
import {
  decodeBlockRequest,
  encodeBlockRequest,
} from '../../../electron/node/remote-log/ipfs/block-request.ts'
import {
  decodeMvdsMessage,
  encodeMvdsMessage,
  mvdsMessageId,
  unwrapStreamMessage,
  wrapStreamMessage,
} from '../../../electron/node/remote-log/wire/mvds-message.ts'
import {
  decodeHead,
  decodePage,
  encodeHead,
  encodePage,
  type Head,
} from '../../../electron/node/remote-log/wire/page.ts'
import { streamPartId } from '../../../shared/message.ts'
import { comparable } from '../comparable.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'
import { generateMessage } from './message-generator.ts'

/** What `parse` reads, or undefined where it refuses in the one way a parser of a remote log may. */
function readOrRefused<T>(parse: () => T): T | undefined {
  try {
    return parse()
  } catch (error) {
    if (error instanceof RemoteLogError) return undefined
    throw error
  }
}

const addressIn = (random: Random) => addressOf(random.bytes(random.length(40)))

function generateHead(random: Random): Head {
  return {
    pairs: Array.from({ length: 1 + random.length(30) }, () => {
      const isMapped = random.chance(2)
      const data = isMapped && random.chance(2) ? null : random.bytes(1 + random.length(200))
      return { localHash: random.bytes(32), remoteHash: isMapped ? addressIn(random) : null, data }
    }),
    tail: random.chance(3) ? null : addressIn(random),
    cas: random.chance(2) ? [] : ['/dns4/log.example/tcp/443/https'],
  }
}

/** Pages and heads: refused with a reason, or read to what is written back to the same. */
export const pageTarget: FuzzTarget = {
  name: 'log-page',
  generate(random) {
    if (random.chance(10)) return random.bytes(random.length(2_000))
    const bytes = encodeHead(generateHead(random))
    return random.chance(4) ? bytes : mutate(random, bytes)
  },
  check(input) {
    const head = readOrRefused(() => decodeHead(input))
    if (head === undefined) return
    // Hints may be written in more than one way; what they stand beside may not.
    const again = decodePage(encodePage(head))
    if (!isDeepStrictEqual(comparable(again), comparable({ pairs: head.pairs, tail: head.tail })))
      throw new Error('Reading back gives another page')
  },
}

/** MVDS messages with a stream message inside. */
export const mvdsTarget: FuzzTarget = {
  name: 'mvds-message',
  generate(random) {
    if (random.chance(10)) return random.bytes(random.length(2_000))
    const message = generateMessage(random)
    const { streamId, partition, timestamp } = message.id
    const wrapped = wrapStreamMessage(
      streamPartId(streamId, partition),
      timestamp,
      encodeStreamMessage(message),
    )
    return random.chance(4) ? encodeMvdsMessage(wrapped) : mutate(random, encodeMvdsMessage(wrapped))
  },
  check(input) {
    const message = readOrRefused(() => decodeMvdsMessage(input))
    if (message === undefined) return
    const id = mvdsMessageId(message)
    if (Buffer.compare(mvdsMessageId(decodeMvdsMessage(encodeMvdsMessage(message))), id) !== 0)
      throw new Error('Reading back gives another message')
    readOrRefused(() => unwrapStreamMessage(message))
  },
}

/** Requests of peers for blocks. */
export const blockRequestTarget: FuzzTarget = {
  name: 'block-request',
  generate(random) {
    const request = encodeBlockRequest(
      Array.from({ length: 1 + random.length(300) }, () => addressIn(random)),
    )
    return random.chance(4) ? request : mutate(random, request)
  },
  check(input) {
    const addresses = readOrRefused(() => decodeBlockRequest(input))
    if (addresses === undefined) return
    if (Buffer.compare(encodeBlockRequest(addresses), input) !== 0)
      throw new Error('Reading back gives other addresses')
  },
}
