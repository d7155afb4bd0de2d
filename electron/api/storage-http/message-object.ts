import { decodeStreamMessage } from '../../node/message/decode.ts'
import { CONTENT_TYPE, type ContentBody, ENCRYPTION_TYPE } from '../../node/message/stream-message.ts'

/** The SDK's number for a message that carries content. */
const MESSAGE_TYPE_CONTENT = 0

/**
 * A message in the interface's `object` format, as JSON text; `undefined` for key exchange, which is no data.
 * Content stands in it as it was published where it is JSON; binary and encrypted content, and what is called JSON
 * and is none, is hex.
 * @throws {MessageRefused} when the stored bytes are not a message, which means the store is damaged.
 */
export function toObjectText(raw: Uint8Array): string | undefined {
  const { id, signature, body } = decodeStreamMessage(raw)
  if (body.kind !== 'content') return undefined
  const before = JSON.stringify({
    streamId: id.streamId,
    streamPartition: id.partition,
    timestamp: id.timestamp,
    sequenceNumber: id.sequence,
    publisherId: id.publisher,
    msgChainId: id.chain,
    messageType: MESSAGE_TYPE_CONTENT,
    contentType: body.contentType,
    encryptionType: body.encryptionType,
  })
  const after = JSON.stringify({ signature: hex(signature), groupKeyId: body.groupKeyId })
  return `${before.slice(0, -1)},"content":${contentText(body)},${after.slice(1)}`
}

/**
 * JSON content is checked by parsing and then copied, not written anew: numbers keep their digits, and nesting
 * that a publisher made deep costs no stack.
 */
function contentText({ content, contentType, encryptionType }: ContentBody): string {
  if (encryptionType === ENCRYPTION_TYPE.none && contentType === CONTENT_TYPE.json) {
    const text = Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8')
    if (isJson(text)) return text
  }
  return `"${hex(content)}"`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}
