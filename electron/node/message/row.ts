import { isUtf8 } from 'node:buffer'
import type { MessageRow } from '../../../shared/message.ts'
import type { StoredMessage } from '../ports.ts'
import { decodeStreamMessage } from './decode.ts'
import { parseJsonContent } from './json-content.ts'
import { MAX_ROW_CONTENT_BYTES, ROW_EXCERPT_BYTES } from './limits.ts'
import { type FindKey, plainContent } from './open-content.ts'

/**
 * A stored message as a table row. Content is parsed JSON where it is JSON and short; else its beginning, as
 * text, or as hex when it is binary, or encrypted with a key that is not known.
 * @throws {MessageRefused} when the stored bytes are not a message, which means the store is damaged.
 */
export function toMessageRow(message: StoredMessage, findKey: FindKey = () => undefined): MessageRow {
  const { body } = decodeStreamMessage(message.raw)
  const plain = body.kind === 'content' ? plainContent(message.id.publisher, body, findKey) : undefined
  const content = plain ?? (body.kind === 'content' ? body.content : new Uint8Array(0))
  return {
    id: message.id,
    digest: Buffer.from(message.digest).toString('hex'),
    verdict: message.verdict,
    reason: message.reason,
    equivocation: message.equivocation,
    encrypted: message.encrypted,
    sizeBytes: message.raw.length,
    receivedAt: message.receivedAt,
    source: message.source,
    ...viewContent(content, message.encrypted && plain === undefined),
  }
}

type ContentView = Pick<MessageRow, 'content' | 'contentKind' | 'contentTruncated'>

function viewContent(content: Uint8Array, encrypted: boolean): ContentView {
  if (encrypted) return { ...excerpt(content, 'hex'), contentKind: 'encrypted' }
  const { value, opaque } = parseJsonContent(content)
  if (opaque === undefined) {
    if (content.length > MAX_ROW_CONTENT_BYTES) return { ...excerpt(content, 'utf8'), contentKind: 'json' }
    return { content: value, contentKind: 'json', contentTruncated: false }
  }
  if (isUtf8(content)) return { ...excerpt(content, 'utf8'), contentKind: 'text' }
  return { ...excerpt(content, 'hex'), contentKind: 'binary' }
}

/** The beginning of content; a character that the cut divides is left out. */
function excerpt(
  content: Uint8Array,
  encoding: 'hex' | 'utf8',
): Pick<MessageRow, 'content' | 'contentTruncated'> {
  const contentTruncated = content.length > ROW_EXCERPT_BYTES
  const bytes = Buffer.from(content.subarray(0, ROW_EXCERPT_BYTES))
  if (encoding === 'hex') return { content: bytes.toString('hex'), contentTruncated }
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: contentTruncated })
  return { content: text, contentTruncated }
}
