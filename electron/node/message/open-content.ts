import { createDecipheriv } from 'node:crypto'
import { type ContentBody, ENCRYPTION_TYPE, type EncryptedGroupKey } from './stream-message.ts'

/** Length of a group key: AES-256. */
export const GROUP_KEY_BYTES = 32
/** Streamr puts the initialisation vector before the cipher text. */
const VECTOR_BYTES = 16

/**
 * Opens content that Streamr's SDK encrypted (AES-256 in counter mode). Counter mode proves nothing: with a wrong key
 * the result is noise, and it is the message's signature that says the cipher text is the publisher's.
 * @returns undefined for cipher text that is too short, or a key that is none.
 */
export function openContent(content: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  if (key.length !== GROUP_KEY_BYTES || content.length < VECTOR_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-ctr', key, content.subarray(0, VECTOR_BYTES))
  const opened = decipher.update(content.subarray(VECTOR_BYTES))
  return new Uint8Array(opened.buffer, opened.byteOffset, opened.byteLength)
}

/** The key a publisher goes over to, which stands in a message encrypted with the key before. */
export function openNextKey({ data }: EncryptedGroupKey, key: Uint8Array): Uint8Array | undefined {
  const opened = openContent(data, key)
  return opened?.length === GROUP_KEY_BYTES ? opened : undefined
}

/** Finds the key that messages of a publisher name; undefined while it is not known. */
export type FindKey = (publisher: string, keyId: string) => Uint8Array | undefined

/** The plain content of a message; undefined while it is encrypted and its key is not known. */
export function plainContent(publisher: string, body: ContentBody, findKey: FindKey): Uint8Array | undefined {
  if (body.encryptionType === ENCRYPTION_TYPE.none) return body.content
  if (body.encryptionType !== ENCRYPTION_TYPE.aes || body.groupKeyId === undefined) return undefined
  const key = findKey(publisher, body.groupKeyId)
  return key === undefined ? undefined : openContent(body.content, key)
}
