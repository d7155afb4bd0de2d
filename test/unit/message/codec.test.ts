import { BinaryWriter } from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { type EncodableMessage, encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import * as limits from '../../../electron/node/message/limits.ts'
import { MessageRefused, type RefusalReason } from '../../../electron/node/message/message-refused.ts'
import { publisherBytes } from '../../../electron/node/message/publisher-id.ts'
import { anyMessage } from './arbitraries.ts'

const content = (text = '{"load":1}') => ({
  kind: 'content' as const,
  content: new TextEncoder().encode(text),
  contentType: 0,
  encryptionType: 0,
  groupKeyId: undefined,
  newGroupKey: undefined,
})

const telemetry: EncodableMessage = {
  id: {
    streamId: '0xaa/load',
    partition: 3,
    timestamp: 1_700_000_000_000,
    sequence: 2,
    publisher: '0xab',
    chain: 'c1',
  },
  previous: { timestamp: 1_699_999_999_000, sequence: 7 },
  signature: new Uint8Array(65).fill(7),
  signatureType: 1,
  body: content(),
}

function reasonOf(bytes: Uint8Array): RefusalReason | 'accepted' {
  try {
    decodeStreamMessage(bytes)
    return 'accepted'
  } catch (error) {
    if (error instanceof MessageRefused) return error.reason
    throw error
  }
}

/** Encodes a message whose id has these fields appended after its own. */
function withIdField(write: (writer: BinaryWriter) => void): Uint8Array {
  const id = new BinaryWriter()
  id.tag(1, 2)
    .string('s')
    .tag(5, 2)
    .bytes(new Uint8Array([1]))
  write(id)
  return new BinaryWriter().tag(1, 2).bytes(id.finish()).tag(5, 2).bytes(new Uint8Array(0)).finish()
}

describe('the StreamMessage codec', () => {
  it('reads back every message it writes, of every kind', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const decoded = decodeStreamMessage(encodeStreamMessage(message))
        expect(decoded).toStrictEqual({ ...message, publisherId: publisherBytes(message.id.publisher) })
      }),
      { numRuns: 500 },
    )
  })

  it('refuses with a typed reason, and never crashes, whatever single byte of a message is changed', () => {
    const bytes = encodeStreamMessage(telemetry)
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ flip
        expect(reasonOf(changed)).toBeTypeOf('string')
      }
    }
  })

  it('refuses every truncation of a message whose body comes last', () => {
    const bytes = encodeStreamMessage(telemetry)
    for (let length = 0; length < bytes.length; length++) {
      expect(reasonOf(bytes.subarray(0, length))).not.toBe('accepted')
    }
  })

  it('skips fields with unknown numbers, but not a flood of them', () => {
    const unknown = (count: number) => {
      const writer = new BinaryWriter().raw(encodeStreamMessage(telemetry))
      for (let i = 0; i < count; i++) writer.tag(900 + i, 2).string('later version')
      return writer.finish()
    }
    expect(decodeStreamMessage(unknown(limits.MAX_UNKNOWN_FIELDS)).id).toStrictEqual(telemetry.id)
    expect(reasonOf(unknown(limits.MAX_UNKNOWN_FIELDS + 1))).toBe('too-many-fields')
  })

  it('refuses groups, and schema fields with a foreign wire type', () => {
    const bytes = encodeStreamMessage(telemetry)
    const group = new BinaryWriter().raw(bytes).tag(99, 3).tag(99, 4).finish()
    const foreign = new BinaryWriter().raw(bytes).tag(3, 0).uint32(5).finish()
    expect([reasonOf(group), reasonOf(foreign)]).toEqual(['malformed', 'malformed'])
  })

  it('refuses a field that may occur once and occurs twice, where lenient readers disagree', () => {
    const bytes = encodeStreamMessage(telemetry)
    expect(reasonOf(Uint8Array.from([...bytes, ...bytes]))).toBe('duplicate-field')
    const twoBodies = new BinaryWriter().raw(bytes).tag(6, 2).bytes(new Uint8Array(0)).finish()
    expect(reasonOf(twoBodies)).toBe('duplicate-field')
    expect(reasonOf(withIdField((id) => id.tag(3, 0).int64(1).tag(3, 0).int64(2)))).toBe('duplicate-field')
  })

  it.each<[string, RefusalReason, Partial<EncodableMessage['id']>]>([
    ['no stream', 'stream-id-invalid', { streamId: '' }],
    [
      'a stream id beyond its bound',
      'stream-id-invalid',
      { streamId: 's'.repeat(limits.MAX_STREAM_ID_BYTES + 1) },
    ],
    ['a partition beyond 99', 'partition-invalid', { partition: 100 }],
    ['a time no date can name', 'timestamp-invalid', { timestamp: limits.MAX_TIMESTAMP_MS + 1 }],
    ['a sequence number beyond int32', 'sequence-invalid', { sequence: limits.MAX_SEQUENCE + 1 }],
    ['a chain id beyond its bound', 'chain-id-invalid', { chain: 'c'.repeat(limits.MAX_CHAIN_ID_BYTES + 1) }],
  ])('refuses %s', (_, reason, change) => {
    expect(reasonOf(encodeStreamMessage({ ...telemetry, id: { ...telemetry.id, ...change } }))).toBe(reason)
  })

  it('refuses negative numbers and numbers whose low 32 bits alone would pass', () => {
    expect(reasonOf(withIdField((id) => id.tag(3, 0).int64(-1)))).toBe('timestamp-invalid')
    expect(reasonOf(withIdField((id) => id.tag(2, 0).int64(-1)))).toBe('partition-invalid')
    expect(reasonOf(withIdField((id) => id.tag(2, 0).int64(2 ** 32 + 1)))).toBe('partition-invalid')
    expect(reasonOf(withIdField((id) => id.tag(4, 0).int64(2 ** 32)))).toBe('sequence-invalid')
    expect(reasonOf(withIdField((id) => id.tag(3, 0).uint64('18446744073709551615')))).toBe(
      'timestamp-invalid',
    )
  })

  it('refuses text that is not UTF-8', () => {
    expect(reasonOf(withIdField((id) => id.tag(6, 2).bytes(new Uint8Array([0xff, 0xfe]))))).toBe('not-utf8')
    const long = new Uint8Array(100).fill(0x61)
    long[99] = 0xc3
    expect(reasonOf(withIdField((id) => id.tag(6, 2).bytes(long)))).toBe('not-utf8')
  })

  it('refuses what the SDK refuses to build: a predecessor not before it, encryption without a key', () => {
    const { timestamp, sequence } = telemetry.id
    expect(reasonOf(encodeStreamMessage({ ...telemetry, previous: { timestamp, sequence } }))).toBe(
      'previous-not-before',
    )
    const later = { timestamp: timestamp + 1, sequence: 0 }
    expect(reasonOf(encodeStreamMessage({ ...telemetry, previous: later }))).toBe('previous-not-before')
    const encrypted = { ...content(), encryptionType: 1 }
    expect(reasonOf(encodeStreamMessage({ ...telemetry, body: encrypted }))).toBe('content-invalid')
  })

  it('refuses messages without an id, a publisher or a body, empty input and oversized input', () => {
    const noPublisher = new BinaryWriter()
      .tag(1, 2)
      .bytes(new BinaryWriter().tag(1, 2).string('s').finish())
      .finish()
    expect(reasonOf(new BinaryWriter().tag(5, 2).bytes(new Uint8Array(0)).finish())).toBe(
      'message-id-missing',
    )
    expect(reasonOf(new BinaryWriter().raw(noPublisher).tag(5, 2).bytes(new Uint8Array(0)).finish())).toBe(
      'publisher-invalid',
    )
    expect(reasonOf(encodeStreamMessage(telemetry).subarray(0, -14))).toBe('body-missing')
    expect(reasonOf(new Uint8Array(0))).toBe('empty')
    expect(reasonOf(new Uint8Array(limits.MAX_MESSAGE_BYTES + 1))).toBe('too-large')
  })

  it('accepts a message of exactly the largest size', () => {
    const overhead =
      encodeStreamMessage({ ...telemetry, body: content(' '.repeat(1_000_000)) }).length - 1_000_000
    const largest = encodeStreamMessage({
      ...telemetry,
      body: content(' '.repeat(limits.MAX_MESSAGE_BYTES - overhead)),
    })
    expect(largest.length).toBe(limits.MAX_MESSAGE_BYTES)
    expect(reasonOf(largest)).toBe('accepted')
  })

  it('bounds the keys of a key exchange', () => {
    const response = (keys: number): EncodableMessage => ({
      ...telemetry,
      body: {
        kind: 'group-key-response',
        requestId: 'r',
        recipientId: new Uint8Array(20),
        groupKeys: Array.from({ length: keys }, () => ({ id: 'k', data: new Uint8Array(1) })),
        encryptionType: 0,
      },
    })
    expect(reasonOf(encodeStreamMessage(response(limits.MAX_GROUP_KEYS)))).toBe('accepted')
    expect(reasonOf(encodeStreamMessage(response(limits.MAX_GROUP_KEYS + 1)))).toBe('key-exchange-invalid')
  })
})
