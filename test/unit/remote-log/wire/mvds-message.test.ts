import { createHash } from 'node:crypto'
import { create, toBinary } from '@bufbuild/protobuf'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeStreamMessage } from '../../../../electron/node/message/encode.ts'
import { RemoteLogError } from '../../../../electron/node/remote-log/errors.ts'
import { MessageSchema } from '../../../../electron/node/remote-log/wire/generated/vac/mvds_pb.ts'
import {
  decodeMvdsMessage,
  encodeMvdsMessage,
  groupIdOf,
  mvdsMessageId,
  unwrapStreamMessage,
  wrapStreamMessage,
} from '../../../../electron/node/remote-log/wire/mvds-message.ts'
import { errorCode } from '../error-code.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const STREAM = '0x1111111111111111111111111111111111111111/telemetry'

function streamMessage(timestamp: number, partition = 0): Uint8Array {
  return encodeStreamMessage({
    id: {
      streamId: STREAM,
      partition,
      timestamp,
      sequence: 0,
      publisher: '0x1111111111111111111111111111111111111111',
      chain: 'c',
    },
    previous: undefined,
    signature: new Uint8Array(65).fill(7),
    signatureType: 1,
    body: {
      kind: 'content',
      content: Buffer.from('{"cpu":1}'),
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
    },
  })
}

describe('an MVDS message id', () => {
  it('is what the RFC computes for the known vector', () => {
    const groupId = new Uint8Array(32)
    groupId.set([1, 2, 3, 4])
    expect(hex(mvdsMessageId({ groupId, timestamp: 1n, body: Uint8Array.of(1) }))).toBe(
      'e524199be56f70c5cdc772d9254fa8f66f64b8f415dba51ed44d7436812866e4',
    )
  })

  it('hashes the tag, the group, the little-endian time and the body, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.uint8Array({ maxLength: 300 }),
        fc.boolean(),
        (groupId, timestamp, body, ephemeral) => {
          const time = Buffer.from(
            BigInt.asUintN(64, timestamp).toString(16).padStart(16, '0').match(/../g)?.reverse().join('') ??
              '',
            'hex',
          )
          const expected = createHash('sha256')
            .update(Buffer.concat([Buffer.from('MESSAGE_ID'), groupId, time, body]))
            .digest()
          const message = create(MessageSchema, { groupId, timestamp, body, metadata: { ephemeral } })
          expect(hex(mvdsMessageId(message))).toBe(hex(expected))
        },
      ),
    )
  })
})

describe('the group of a stream part', () => {
  it('is 32 bytes, the same for the same part and another for another partition', () => {
    expect(groupIdOf(`${STREAM}#0`)).toHaveLength(32)
    expect(hex(groupIdOf(`${STREAM}#0`))).toBe(hex(groupIdOf(`${STREAM}#0`)))
    expect(hex(groupIdOf(`${STREAM}#0`))).not.toBe(hex(groupIdOf(`${STREAM}#1`)))
  })

  it('is what the protocol document says', () => {
    const expected = createHash('sha256').update(`GROUP_ID${STREAM}#3`, 'utf8').digest('hex')
    expect(hex(groupIdOf(`${STREAM}#3`))).toBe(expected)
  })
})

describe('a wrapped stream message', () => {
  it('comes back as it went in', () => {
    const raw = streamMessage(1_700_000_000_123)
    const message = wrapStreamMessage(`${STREAM}#0`, 1_700_000_000_123, raw)
    const back = decodeMvdsMessage(encodeMvdsMessage(message))
    expect(hex(back.body)).toBe(hex(raw))
    expect(hex(mvdsMessageId(back))).toBe(hex(mvdsMessageId(message)))
    expect(unwrapStreamMessage(back).id.timestamp).toBe(1_700_000_000_123)
  })

  it('is the same bytes and the same id whoever wraps it', () => {
    const raw = streamMessage(5)
    const once = encodeMvdsMessage(wrapStreamMessage(`${STREAM}#0`, 5, raw))
    const again = encodeMvdsMessage(wrapStreamMessage(`${STREAM}#0`, 5, Uint8Array.from(raw)))
    expect(hex(once)).toBe(hex(again))
  })

  it('is refused when it is wrapped for the group of another part', () => {
    const message = wrapStreamMessage(`${STREAM}#1`, 5, streamMessage(5, 0))
    expect(errorCode(() => unwrapStreamMessage(message))).toBe('message-out-of-place')
  })

  it('is refused when the wrapping names another time', () => {
    const message = wrapStreamMessage(`${STREAM}#0`, 6, streamMessage(5))
    expect(errorCode(() => unwrapStreamMessage(message))).toBe('message-out-of-place')
  })

  it('is refused when its body is no stream message', () => {
    const message = wrapStreamMessage(`${STREAM}#0`, 6, Buffer.from('hello'))
    expect(errorCode(() => unwrapStreamMessage(message))).toBe('message-unreadable')
  })
})

describe('reading an MVDS message from a stranger', () => {
  it('refuses a group id that is not 32 bytes', () => {
    const bytes = toBinary(
      MessageSchema,
      create(MessageSchema, { groupId: new Uint8Array(31), body: Uint8Array.of(1) }),
    )
    expect(errorCode(() => decodeMvdsMessage(bytes))).toBe('message-unreadable')
  })

  it('refuses parents that are no message ids, and too many of them', () => {
    const groupId = new Uint8Array(32)
    const short = create(MessageSchema, { groupId, metadata: { parents: [new Uint8Array(5)] } })
    expect(errorCode(() => decodeMvdsMessage(encodeMvdsMessage(short)))).toBe('message-unreadable')
    const parents = Array.from({ length: 257 }, () => new Uint8Array(32))
    const many = create(MessageSchema, { groupId, metadata: { parents } })
    expect(errorCode(() => decodeMvdsMessage(encodeMvdsMessage(many)))).toBe('message-unreadable')
  })

  it('refuses what is longer than a block before decoding it', () => {
    expect(errorCode(() => decodeMvdsMessage(new Uint8Array(1_572_865)))).toBe('content-too-large')
  })

  it('answers any bytes with a message or a RemoteLogError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          unwrapStreamMessage(decodeMvdsMessage(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteLogError)
        }
      }),
    )
  })
})
