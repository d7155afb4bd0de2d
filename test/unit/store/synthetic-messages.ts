import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import { findFields } from '../../../electron/node/message/find-fields.ts'
import { publisherBytes } from '../../../electron/node/message/publisher-id.ts'
import type { VerifiedMessage } from '../../../electron/node/ports.ts'
import type { MessageRef } from '../../../shared/message.ts'
import type { Verdict, VerdictReason } from '../../../shared/verdict.ts'

export const STREAM = '0xabc/telemetry'
export const PART = `${STREAM}#0`
/** A moment of the past all tests count from, at the start of a day. */
export const EPOCH = Date.UTC(2026, 0, 5)

export interface MessageShape {
  at?: number
  sequence?: number
  publisher?: number
  chain?: string
  streamId?: string
  partition?: number
  previous?: MessageRef | undefined
  content?: unknown
  /** Two messages with the same content and another salt differ in their signature alone. */
  salt?: number
  verdict?: Verdict
  reason?: VerdictReason
  source?: string
  receivedAt?: number
}

const REASONS: Record<Verdict, VerdictReason> = {
  verified: 'signed-and-permitted',
  pending: 'permission-unknown',
  unauthorised: 'no-publish-permission',
  forged: 'signature-invalid',
}

export function publisherName(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`
}

/** A message as the verifier hands it over: real bytes of Streamr's wire, a real digest, a signature made up. */
export function syntheticMessage(shape: MessageShape = {}): VerifiedMessage {
  const timestamp = EPOCH + (shape.at ?? 0)
  const publisher = publisherName(shape.publisher ?? 1)
  const verdict = shape.verdict ?? 'verified'
  const content = new Uint8Array(Buffer.from(JSON.stringify(shape.content ?? { value: timestamp % 97 })))
  const message = {
    id: {
      streamId: shape.streamId ?? STREAM,
      partition: shape.partition ?? 0,
      timestamp,
      sequence: shape.sequence ?? 0,
      publisher,
      chain: shape.chain ?? 'chain',
    },
    publisherId: publisherBytes(publisher),
    previous: shape.previous,
    signature: new Uint8Array(65).fill(shape.salt ?? 1),
    signatureType: 1,
    body: {
      kind: 'content' as const,
      content,
      contentType: 0,
      encryptionType: 0,
      groupKeyId: undefined,
      newGroupKey: undefined,
    },
  }
  return {
    id: message.id,
    previous: message.previous,
    digest: contentDigest(message),
    verdict,
    reason: shape.reason ?? REASONS[verdict],
    source: shape.source ?? 'live',
    receivedAt: shape.receivedAt ?? timestamp + 5,
    encrypted: false,
    fields: findFields(content).fields,
    raw: encodeStreamMessage(message),
  }
}

/** Messages of one publisher's chain, one a second, each naming the one before. */
export function chainOf(count: number, shape: MessageShape = {}): VerifiedMessage[] {
  const start = shape.at ?? 0
  return Array.from({ length: count }, (_, index) =>
    syntheticMessage({
      ...shape,
      at: start + index * 1_000,
      previous: index === 0 ? undefined : { timestamp: EPOCH + start + (index - 1) * 1_000, sequence: 0 },
    }),
  )
}
