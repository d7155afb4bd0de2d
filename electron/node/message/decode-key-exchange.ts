import { MAX_GROUP_KEYS, MAX_KEY_DATA_BYTES, MAX_KEY_ID_BYTES, MAX_PUBLISHER_ID_BYTES } from './limits.ts'
import { MessageRefused } from './message-refused.ts'
import type { EncryptedGroupKey, GroupKeyRequestBody, GroupKeyResponseBody } from './stream-message.ts'
import {
  ENCRYPTED_GROUP_KEY,
  ENCRYPTED_GROUP_KEY_FIELDS,
  GROUP_KEY_REQUEST,
  GROUP_KEY_REQUEST_FIELDS,
  GROUP_KEY_RESPONSE,
  GROUP_KEY_RESPONSE_FIELDS,
  MAX_ENUM,
} from './wire-fields.ts'
import { assertFirst, type WireReader } from './wire-reader.ts'

const INVALID = 'key-exchange-invalid'
const EMPTY = new Uint8Array(0)

export function readGroupKey(wire: WireReader): EncryptedGroupKey {
  let id: string | undefined
  let data: Uint8Array | undefined
  const outerEnd = wire.enter()
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case ENCRYPTED_GROUP_KEY.id:
        assertFirst(id)
        id = wire.text(MAX_KEY_ID_BYTES, INVALID)
        break
      case ENCRYPTED_GROUP_KEY.data:
        assertFirst(data)
        data = wire.bytes(MAX_KEY_DATA_BYTES, INVALID)
        break
      default:
        wire.skip(tag, ENCRYPTED_GROUP_KEY_FIELDS)
    }
  }
  wire.leave(outerEnd)
  return { id: id ?? '', data: data ?? EMPTY }
}

export function readGroupKeyRequest(wire: WireReader): GroupKeyRequestBody {
  let requestId: string | undefined
  let recipientId: Uint8Array | undefined
  let publicKey: Uint8Array | undefined
  let encryptionType: number | undefined
  const groupKeyIds: string[] = []
  const outerEnd = wire.enter()
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case GROUP_KEY_REQUEST.requestId:
        assertFirst(requestId)
        requestId = wire.text(MAX_KEY_ID_BYTES, INVALID)
        break
      case GROUP_KEY_REQUEST.recipientId:
        assertFirst(recipientId)
        recipientId = wire.bytes(MAX_PUBLISHER_ID_BYTES, INVALID)
        break
      case GROUP_KEY_REQUEST.publicKey:
        assertFirst(publicKey)
        publicKey = wire.bytes(MAX_KEY_DATA_BYTES, INVALID)
        break
      case GROUP_KEY_REQUEST.groupKeyIds:
        assertRoom(groupKeyIds.length)
        groupKeyIds.push(wire.text(MAX_KEY_ID_BYTES, INVALID))
        break
      case GROUP_KEY_REQUEST.encryptionType:
        assertFirst(encryptionType)
        encryptionType = wire.count(MAX_ENUM, INVALID)
        break
      default:
        wire.skip(tag, GROUP_KEY_REQUEST_FIELDS)
    }
  }
  wire.leave(outerEnd)
  return {
    kind: 'group-key-request',
    requestId: requestId ?? '',
    recipientId: recipientId ?? EMPTY,
    publicKey: publicKey ?? EMPTY,
    groupKeyIds,
    encryptionType: encryptionType ?? 0,
  }
}

export function readGroupKeyResponse(wire: WireReader): GroupKeyResponseBody {
  let requestId: string | undefined
  let recipientId: Uint8Array | undefined
  let encryptionType: number | undefined
  const groupKeys: EncryptedGroupKey[] = []
  const outerEnd = wire.enter()
  for (let tag = wire.tag(); tag !== 0; tag = wire.tag()) {
    switch (tag) {
      case GROUP_KEY_RESPONSE.requestId:
        assertFirst(requestId)
        requestId = wire.text(MAX_KEY_ID_BYTES, INVALID)
        break
      case GROUP_KEY_RESPONSE.recipientId:
        assertFirst(recipientId)
        recipientId = wire.bytes(MAX_PUBLISHER_ID_BYTES, INVALID)
        break
      case GROUP_KEY_RESPONSE.groupKeys:
        assertRoom(groupKeys.length)
        groupKeys.push(readGroupKey(wire))
        break
      case GROUP_KEY_RESPONSE.encryptionType:
        assertFirst(encryptionType)
        encryptionType = wire.count(MAX_ENUM, INVALID)
        break
      default:
        wire.skip(tag, GROUP_KEY_RESPONSE_FIELDS)
    }
  }
  wire.leave(outerEnd)
  return {
    kind: 'group-key-response',
    requestId: requestId ?? '',
    recipientId: recipientId ?? EMPTY,
    groupKeys,
    encryptionType: encryptionType ?? 0,
  }
}

function assertRoom(keys: number): void {
  if (keys >= MAX_GROUP_KEYS) {
    throw new MessageRefused(INVALID, `A key exchange carries more than ${MAX_GROUP_KEYS} group keys.`)
  }
}
