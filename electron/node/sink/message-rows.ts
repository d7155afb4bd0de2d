import { hash } from 'node:crypto'
import { streamPartId } from '../../../shared/message.ts'
import { VERDICTS } from '../../../shared/verdict.ts'
import { decodeStreamMessage } from '../message/decode.ts'
import { findFields } from '../message/find-fields.ts'
import { MessageRefused } from '../message/message-refused.ts'
import { plainContent } from '../message/open-content.ts'
import { CONTENT_TYPE, type DecodedMessage } from '../message/stream-message.ts'
import { storablePath } from './column-names.ts'
import type { Scalar } from './fit-value.ts'
import { MAX_SINK_PATH_LENGTH, MAX_SINK_TEXT_LENGTH } from './limits.ts'
import type { UnpackedMessage } from './packed-messages.ts'

/** One message as a row: its provenance, and its fields by path. */
export interface MessageRow {
  /** SHA-256 of message id and digest: the key of the row, beside its time. */
  id: Buffer
  message: UnpackedMessage
  signature: Uint8Array
  /** Of encrypted content whose key is not known: the id of that key. */
  closedKey: string | null
  fields: readonly (readonly [path: string, value: Scalar])[]
  omitted: number
}

const BOUNDS = {
  maxPathLength: MAX_SINK_PATH_LENGTH,
  maxTextLength: MAX_SINK_TEXT_LENGTH,
  withInfinite: true,
}

export function toMessageRow(
  part: { streamId: string; partition: number },
  message: UnpackedMessage,
): MessageRow {
  const decoded = decode(message.raw)
  const body = decoded?.body
  const content =
    body?.kind === 'content' ? plainContent(message.publisher, body, () => message.key) : undefined
  const isJson = body?.kind === 'content' && body.contentType === CONTENT_TYPE.json
  const isClosed = body?.kind === 'content' && content === undefined
  const found = content === undefined || !isJson ? NOTHING : findFields(content, BOUNDS)
  return {
    id: rowId(part, message),
    message,
    signature: decoded?.signature ?? EMPTY,
    closedKey: isClosed ? storablePath(body.groupKeyId ?? '') : null,
    fields: found.fields.map(([path, value]) => [storablePath(path), value]),
    omitted: found.omitted,
  }
}

/** Length counts nothing here, so a text in JSON keeps its parts apart whatever is in them. */
function rowId(
  { streamId, partition }: { streamId: string; partition: number },
  message: UnpackedMessage,
): Buffer {
  const { timestamp, sequence, publisher, chain, digest } = message
  const digestHex = Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('hex')
  const text = JSON.stringify([
    streamPartId(streamId, partition),
    timestamp,
    sequence,
    publisher,
    chain,
    digestHex,
  ])
  return hash('sha256', text, 'buffer')
}

/** Which of two copies of one content stands in the table: the one with the better verdict, then the one that is there. */
export function isBetter(verdict: UnpackedMessage['verdict'], than: UnpackedMessage['verdict']): boolean {
  return VERDICTS.indexOf(verdict) < VERDICTS.indexOf(than)
}

const EMPTY = new Uint8Array(0)
const NOTHING = { fields: [], omitted: 0 }

function decode(raw: Uint8Array): DecodedMessage | undefined {
  try {
    return decodeStreamMessage(raw)
  } catch (error) {
    if (error instanceof MessageRefused) return undefined
    throw error
  }
}
