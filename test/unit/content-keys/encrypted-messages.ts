import { createCipheriv, randomBytes } from 'node:crypto'
import { contentDigest } from '../../../electron/node/message/content-digest.ts'
import { decodeStreamMessage } from '../../../electron/node/message/decode.ts'
import { encodeStreamMessage } from '../../../electron/node/message/encode.ts'
import type { VerifiedMessage } from '../../../electron/node/ports.ts'
import { parseStreamPartId } from '../../../shared/message.ts'

export const PUBLISHER = `0x${'b1'.repeat(20)}`
export const EPOCH = Date.UTC(2026, 0, 5)

export interface GroupKey {
  id: string
  data: Uint8Array
}

export const newKey = (id: string): GroupKey => ({ id, data: new Uint8Array(randomBytes(32)) })

/** As Streamr's SDK encrypts: a fresh vector, then AES-256 in counter mode. */
export function encrypt(content: Uint8Array, key: GroupKey): Uint8Array {
  const vector = randomBytes(16)
  const cipher = createCipheriv('aes-256-ctr', key.data, vector)
  return new Uint8Array(Buffer.concat([vector, cipher.update(content), cipher.final()]))
}

export interface EncryptedMessageOptions {
  at: number
  key: GroupKey
  content: unknown
  publisher?: string
  /** The key the publisher goes over to. */
  nextKey?: GroupKey
}

/** A verified message with encrypted content, as the verifier hands it to the store. */
export function encryptedMessage(part: string, options: EncryptedMessageOptions): VerifiedMessage {
  const { at, key, content, publisher = PUBLISHER, nextKey } = options
  const timestamp = EPOCH + at
  const id = { ...parseStreamPartId(part), timestamp, sequence: 0, publisher, chain: 'chain' }
  const raw = encodeStreamMessage({
    id,
    previous: undefined,
    signature: new Uint8Array(65).fill(1),
    signatureType: 1,
    body: {
      kind: 'content',
      content: encrypt(Buffer.from(JSON.stringify(content)), key),
      contentType: 0,
      encryptionType: 1,
      groupKeyId: key.id,
      newGroupKey: nextKey && { id: nextKey.id, data: encrypt(nextKey.data, key) },
    },
  })
  return {
    id,
    previous: undefined,
    digest: contentDigest(decodeStreamMessage(raw)),
    verdict: 'verified',
    reason: 'signed-and-permitted',
    source: 'live',
    receivedAt: timestamp,
    encrypted: true,
    fields: [],
    raw,
  }
}
