import { decodeStreamMessage } from '../message/decode.ts'
import { findFields } from '../message/find-fields.ts'
import { MessageRefused } from '../message/message-refused.ts'
import { plainContent } from '../message/open-content.ts'
import { CONTENT_TYPE } from '../message/stream-message.ts'
import type { FieldValue } from '../ports.ts'
import { type ContentKeyLookup, NO_CONTENT_KEYS } from './content-keys.ts'

const NONE: readonly FieldValue[] = []

/**
 * The fields of a stored message, found again in its raw bytes: the same that came with it when it was verified,
 * or, of encrypted content, those that its key opens.
 * Bytes that are no message of Streamr's wire have none.
 */
export function fieldsOfRaw(
  raw: Uint8Array,
  keys: ContentKeyLookup = NO_CONTENT_KEYS,
): readonly FieldValue[] {
  try {
    const { id, body } = decodeStreamMessage(raw)
    if (body.kind !== 'content' || body.contentType !== CONTENT_TYPE.json) return NONE
    const content = plainContent(id.publisher, body, (publisher, keyId) => keys.find(publisher, keyId))
    return content === undefined ? NONE : findFields(content).fields
  } catch (error) {
    if (error instanceof MessageRefused) return NONE
    throw error
  }
}
