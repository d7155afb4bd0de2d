import { isDeepStrictEqual } from 'node:util'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { MessageRefused } from '../../../electron/node/message/message-refused.ts'
import type { DecodedMessage } from '../../../electron/node/message/stream-message.ts'
import { comparable } from '../comparable.ts'
import type { FuzzTarget } from '../fuzz-target.ts'
import { mutate } from '../mutate.ts'
import { generateMessage } from './message-generator.ts'

/** The message decoder: refuses with a typed reason, or reads what the encoder writes back to the same message. */
export const decodeTarget: FuzzTarget = {
  name: 'decode',

  generate(random) {
    if (random.chance(10)) return random.bytes(random.length(2_000))
    const message = generateMessage(random)
    const bytes = encodeStreamMessage(message)
    if (!random.chance(4)) return mutate(random, bytes)
    assertSame(decodeStreamMessage(bytes), {
      ...message,
      publisherId: decodeStreamMessage(bytes).publisherId,
    })
    return bytes
  },

  check(input) {
    let decoded: DecodedMessage
    try {
      decoded = decodeStreamMessage(input)
    } catch (error) {
      if (error instanceof MessageRefused) return
      throw error
    }
    if (contentDigest(decoded).length !== 32) throw new Error('The digest is not 32 bytes')
    assertSame(decodeStreamMessage(encodeStreamMessage(decoded)), decoded)
  },
}

function assertSame(read: DecodedMessage, written: DecodedMessage): void {
  if (!isDeepStrictEqual(comparable(read), comparable(written)))
    throw new Error('Reading back gives another message')
}
