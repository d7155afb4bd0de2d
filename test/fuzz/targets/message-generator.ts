import type { EncodableMessage } from '../../../electron/node/message/encode.ts'
import { MAX_TIMESTAMP_MS } from '../../../electron/node/message/limits.ts'
import type { EncryptedGroupKey, MessageBody } from '../../../electron/node/message/stream-message.ts'
import type { Random } from '../random.ts'
import { generateJson } from './json-generator.ts'

/** Leaves room for the rest of a message within its bound. */
const MAX_CONTENT_BYTES = 900_000

/** A message within all bounds, of any kind and shape. */
export function generateMessage(random: Random): EncodableMessage {
  const timestamp = random.chance(4)
    ? 1 + random.below(1_000)
    : Math.floor((random.word() / 2 ** 32) * MAX_TIMESTAMP_MS) + 1
  return {
    id: {
      streamId: `s${random.text(200)}`,
      partition: random.below(100),
      timestamp: Math.min(timestamp, MAX_TIMESTAMP_MS),
      sequence: random.word() >>> 1,
      publisher: `0x${Buffer.from(random.bytes(random.pick([1, 20, 20, 33, 65, 2_592]))).toString('hex')}`,
      chain: random.text(60),
    },
    previous: random.chance(2) ? undefined : { timestamp: timestamp - 1, sequence: random.word() >>> 1 },
    signature: random.bytes(random.pick([0, 64, 65, 65, 4_627])),
    signatureType: random.chance(10) ? random.word() >>> 1 : random.below(5),
    body: generateBody(random),
  }
}

function generateBody(random: Random): MessageBody {
  switch (random.below(6)) {
    case 0:
      return {
        kind: 'group-key-request',
        requestId: random.text(60),
        recipientId: random.bytes(random.length(65)),
        publicKey: random.bytes(random.length(2_000)),
        groupKeyIds: Array.from({ length: random.length(50) }, () => random.text(60)),
        encryptionType: random.below(3),
      }
    case 1:
      return {
        kind: 'group-key-response',
        requestId: random.text(60),
        recipientId: random.bytes(random.length(65)),
        groupKeys: Array.from({ length: random.length(50) }, () => generateKey(random)),
        encryptionType: random.below(3),
      }
    default: {
      const isEncrypted = random.chance(3)
      return {
        kind: 'content',
        content: isEncrypted
          ? random.bytes(random.length(4_000))
          : Buffer.from(generateJson(random)).subarray(0, MAX_CONTENT_BYTES),
        contentType: random.chance(20) ? random.word() >>> 1 : random.below(2),
        encryptionType: isEncrypted ? 1 : 0,
        groupKeyId: isEncrypted || random.chance(4) ? random.text(60) : undefined,
        newGroupKey: random.chance(4) ? generateKey(random) : undefined,
      }
    }
  }
}

function generateKey(random: Random): EncryptedGroupKey {
  return { id: random.text(60), data: random.bytes(random.length(600)) }
}
