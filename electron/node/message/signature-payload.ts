import { isUtf8 } from 'node:buffer'
import { type ContentBody, type DecodedMessage, ENCRYPTION_TYPE, SIGNATURE_TYPE } from './stream-message.ts'

/**
 * The bytes a publisher signs, exactly as Streamr's SDK forms them: stream id, partition, timestamp, sequence
 * number, publisher and chain id as text without separators, the predecessor's timestamp and sequence number if
 * there is one, then the body.
 *
 * Two properties of Streamr's protocol follow, and no verifier can mend them: content type, encryption type,
 * group key id and signature type are not signed; and since there are no separators, digits at the border of two
 * parts can be read as belonging to either. What content is, is therefore judged by the content itself, never by
 * an unsigned flag, and a proof says which statements the signature covers.
 */
export function signaturePayload(message: DecodedMessage): Uint8Array {
  const header = headerText(message)
  const body = signedBody(message)
  const bodyBytes = body.reduce((length, part) => length + part.length, 0)
  const payload = Buffer.allocUnsafe(Buffer.byteLength(header) + bodyBytes)
  let at = payload.write(header)
  for (const part of body) {
    payload.set(part, at)
    at += part.length
  }
  return payload
}

/**
 * False for content of the legacy signature type that its signed text does not determine: that type signs
 * content as text, in which bytes that are not UTF-8 and a byte order mark are lost, so that someone else could
 * change them under the same signature.
 */
export function isContentSigned({ signatureType, body }: DecodedMessage): boolean {
  if (signatureType !== SIGNATURE_TYPE.secp256k1Legacy || body.kind !== 'content') return true
  if (body.encryptionType !== ENCRYPTION_TYPE.none) return true
  const { content } = body
  const hasByteOrderMark = content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf
  return !hasByteOrderMark && isUtf8(content)
}

function headerText({ id, previous }: DecodedMessage): string {
  const claimed = `${id.streamId}${id.partition}${id.timestamp}${id.sequence}${id.publisher}${id.chain}`
  return previous === undefined ? claimed : `${claimed}${previous.timestamp}${previous.sequence}`
}

function signedBody({ signatureType, body }: DecodedMessage): Uint8Array[] {
  switch (body.kind) {
    case 'content':
      if (signatureType === SIGNATURE_TYPE.secp256k1Legacy) return legacyContent(body)
      if (body.newGroupKey === undefined) return [body.content]
      return [body.content, utf8(body.newGroupKey.id), body.newGroupKey.data]
    case 'group-key-request':
      return [utf8(body.requestId), body.recipientId, body.publicKey, ...body.groupKeyIds.map(utf8)]
    case 'group-key-response': {
      const keys = body.groupKeys.flatMap(({ id, data }) => [utf8(id), data])
      return [utf8(body.requestId), body.recipientId, ...keys]
    }
  }
}

/** The legacy type signs text: encrypted content in hex, a new group key as a JSON array of id and hex. */
function legacyContent({ content, encryptionType, newGroupKey }: ContentBody): Uint8Array[] {
  const isPlain = encryptionType === ENCRYPTION_TYPE.none
  const text = utf8(isPlain ? new TextDecoder().decode(content) : hex(content))
  return newGroupKey === undefined
    ? [text]
    : [text, utf8(JSON.stringify([newGroupKey.id, hex(newGroupKey.data)]))]
}

function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8')
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
