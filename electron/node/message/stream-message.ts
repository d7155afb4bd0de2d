import type { MessageId, MessageRef } from '../../../shared/message.ts'

/** Enumerations of Streamr's wire. They are open: a number not listed here is kept as it came. */
export const CONTENT_TYPE = { json: 0, binary: 1 } as const
export const ENCRYPTION_TYPE = { none: 0, aes: 1 } as const
export const SIGNATURE_TYPE = {
  secp256k1Legacy: 0,
  secp256k1Evm: 1,
  erc1271: 2,
  mlDsa87: 3,
  secp256r1: 4,
} as const

/** A group key, itself encrypted. */
export interface EncryptedGroupKey {
  id: string
  data: Uint8Array
}

/** Data of a stream: what is stored, charted and proven. */
export interface ContentBody {
  kind: 'content'
  content: Uint8Array
  contentType: number
  encryptionType: number
  groupKeyId: string | undefined
  newGroupKey: EncryptedGroupKey | undefined
}

/** A subscriber asks a publisher for group keys. */
export interface GroupKeyRequestBody {
  kind: 'group-key-request'
  requestId: string
  recipientId: Uint8Array
  publicKey: Uint8Array
  groupKeyIds: string[]
  encryptionType: number
}

/** A publisher answers a request for group keys. */
export interface GroupKeyResponseBody {
  kind: 'group-key-response'
  requestId: string
  recipientId: Uint8Array
  groupKeys: EncryptedGroupKey[]
  encryptionType: number
}

export type MessageBody = ContentBody | GroupKeyRequestBody | GroupKeyResponseBody

/**
 * A Streamr `StreamMessage`, decoded and within bounds. Byte fields are views of the bytes it was decoded from.
 * Nothing in it is trusted yet: `id` is what the publisher claims.
 */
export interface DecodedMessage {
  id: MessageId
  /** The publisher id as bytes: an address (20), a P-256 public key (33 or 65) or an ML-DSA-87 one (2,592). */
  publisherId: Uint8Array
  previous: MessageRef | undefined
  signature: Uint8Array
  /** Number on the wire, see `SIGNATURE_TYPE`. */
  signatureType: number
  body: MessageBody
}
