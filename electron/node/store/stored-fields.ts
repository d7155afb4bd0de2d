import { decodeStreamMessage } from '../message/decode.ts'
import { findFields } from '../message/find-fields.ts'
import { MessageRefused } from '../message/message-refused.ts'
import { CONTENT_TYPE, ENCRYPTION_TYPE } from '../message/stream-message.ts'
import type { FieldValue } from '../ports.ts'

const NONE: readonly FieldValue[] = []

/**
 * The fields of a stored message, found again in its raw bytes: the same that came with it when it was verified.
 * Bytes that are no message of Streamr's wire have none.
 */
export function fieldsOfRaw(raw: Uint8Array): readonly FieldValue[] {
  try {
    const { body } = decodeStreamMessage(raw)
    const isPlain =
      body.kind === 'content' &&
      body.encryptionType === ENCRYPTION_TYPE.none &&
      body.contentType === CONTENT_TYPE.json
    return isPlain ? findFields(body.content).fields : NONE
  } catch (error) {
    if (error instanceof MessageRefused) return NONE
    throw error
  }
}
