import fc from 'fast-check'
import type { EncodableMessage } from '../../../electron/node/message/encode.ts'
import { MAX_SEQUENCE, MAX_TIMESTAMP_MS } from '../../../electron/node/message/limits.ts'
import type { EncryptedGroupKey, MessageBody } from '../../../electron/node/message/stream-message.ts'

const bytes = (maxLength: number, minLength = 0) => fc.uint8Array({ minLength, maxLength })
const text = (maxLength: number, minLength = 0) =>
  fc.string({ unit: 'grapheme', minLength, maxLength }).filter((value) => value.length >= minLength)
/** Objects with the usual prototype, as decoders make them. */
const plain = { noNullPrototype: true } as const
const enumeration = fc.oneof(fc.constantFrom(0, 1), fc.nat(2_147_483_647))

const groupKey: fc.Arbitrary<EncryptedGroupKey> = fc.record({ id: text(24), data: bytes(80) }, plain)

const contentBody: fc.Arbitrary<MessageBody> = fc
  .record(
    {
      content: fc.oneof(
        bytes(300),
        fc.json().map((json) => new TextEncoder().encode(json)),
      ),
      contentType: enumeration,
      encryptionType: enumeration,
      groupKeyId: fc.option(text(24), { nil: undefined }),
      newGroupKey: fc.option(groupKey, { nil: undefined }),
    },
    plain,
  )
  .map((body) => ({
    kind: 'content' as const,
    ...body,
    groupKeyId: body.encryptionType === 1 ? (body.groupKeyId ?? 'key') : body.groupKeyId,
  }))

const groupKeyRequest: fc.Arbitrary<MessageBody> = fc.record(
  {
    kind: fc.constant('group-key-request' as const),
    requestId: text(36),
    recipientId: bytes(33),
    publicKey: bytes(300),
    groupKeyIds: fc.array(text(24), { maxLength: 5 }),
    encryptionType: enumeration,
  },
  plain,
)

const groupKeyResponse: fc.Arbitrary<MessageBody> = fc.record(
  {
    kind: fc.constant('group-key-response' as const),
    requestId: text(36),
    recipientId: bytes(33),
    groupKeys: fc.array(groupKey, { maxLength: 5 }),
    encryptionType: enumeration,
  },
  plain,
)

/** Any message within bounds, of any kind. */
export const anyMessage: fc.Arbitrary<EncodableMessage> = fc
  .record({
    streamId: text(60, 1),
    partition: fc.integer({ min: 0, max: 99 }),
    ref: fc.record(
      {
        timestamp: fc.integer({ min: 1, max: MAX_TIMESTAMP_MS }),
        sequence: fc.nat(MAX_SEQUENCE),
      },
      plain,
    ),
    publisher: bytes(70, 1).map((id) => `0x${Buffer.from(id).toString('hex')}`),
    chain: text(24),
    backMs: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
    previousSequence: fc.nat(MAX_SEQUENCE),
    signature: bytes(70),
    signatureType: enumeration,
    body: fc.oneof(contentBody, contentBody, groupKeyRequest, groupKeyResponse),
  })
  .map(
    ({
      streamId,
      partition,
      ref,
      publisher,
      chain,
      backMs,
      previousSequence,
      signature,
      signatureType,
      body,
    }) => ({
      id: { streamId, partition, ...ref, publisher, chain },
      previous:
        backMs === undefined
          ? undefined
          : { timestamp: Math.max(0, ref.timestamp - backMs), sequence: previousSequence },
      signature,
      signatureType,
      body,
    }),
  )

/** Messages that Streamr's SDK can build too: enumerations it knows, ids it accepts. */
export const anySdkMessage: fc.Arbitrary<EncodableMessage> = anyMessage.map((message) => ({
  ...message,
  signatureType: message.signatureType % 5,
  body:
    message.body.kind === 'content'
      ? {
          ...message.body,
          contentType: message.body.contentType % 2,
          encryptionType: message.body.encryptionType % 2,
          groupKeyId: message.body.groupKeyId ?? 'key',
        }
      : { ...message.body, encryptionType: message.body.encryptionType % 2 },
}))
