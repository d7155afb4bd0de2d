import { WireType } from '@bufbuild/protobuf/wire'

/** Tags of Streamr's `StreamMessage` schema (`NetworkRpc.proto`): field number times 8 plus wire type. */
const VARINT = WireType.Varint
const BYTES = WireType.LengthDelimited

export const STREAM_MESSAGE = {
  messageId: (1 << 3) | BYTES,
  previousMessageRef: (2 << 3) | BYTES,
  signature: (3 << 3) | BYTES,
  signatureType: (4 << 3) | VARINT,
  contentMessage: (5 << 3) | BYTES,
  groupKeyRequest: (6 << 3) | BYTES,
  groupKeyResponse: (7 << 3) | BYTES,
} as const
/** Highest field number of the message above. */
export const STREAM_MESSAGE_FIELDS = 7

export const MESSAGE_ID = {
  streamId: (1 << 3) | BYTES,
  streamPartition: (2 << 3) | VARINT,
  timestamp: (3 << 3) | VARINT,
  sequenceNumber: (4 << 3) | VARINT,
  publisherId: (5 << 3) | BYTES,
  messageChainId: (6 << 3) | BYTES,
} as const
/** Highest field number of the message above. */
export const MESSAGE_ID_FIELDS = 6

export const MESSAGE_REF = {
  timestamp: (1 << 3) | VARINT,
  sequenceNumber: (2 << 3) | VARINT,
} as const
/** Highest field number of the message above. */
export const MESSAGE_REF_FIELDS = 2

export const CONTENT_MESSAGE = {
  content: (1 << 3) | BYTES,
  contentType: (2 << 3) | VARINT,
  encryptionType: (3 << 3) | VARINT,
  groupKeyId: (4 << 3) | BYTES,
  newGroupKey: (5 << 3) | BYTES,
} as const
/** Highest field number of the message above. */
export const CONTENT_MESSAGE_FIELDS = 5

export const GROUP_KEY_REQUEST = {
  requestId: (1 << 3) | BYTES,
  recipientId: (2 << 3) | BYTES,
  publicKey: (3 << 3) | BYTES,
  groupKeyIds: (4 << 3) | BYTES,
  encryptionType: (5 << 3) | VARINT,
} as const
/** Highest field number of the message above. */
export const GROUP_KEY_REQUEST_FIELDS = 5

export const GROUP_KEY_RESPONSE = {
  requestId: (1 << 3) | BYTES,
  recipientId: (2 << 3) | BYTES,
  groupKeys: (3 << 3) | BYTES,
  encryptionType: (4 << 3) | VARINT,
} as const
/** Highest field number of the message above. */
export const GROUP_KEY_RESPONSE_FIELDS = 4

export const ENCRYPTED_GROUP_KEY = {
  id: (1 << 3) | BYTES,
  data: (2 << 3) | BYTES,
} as const
/** Highest field number of the message above. */
export const ENCRYPTED_GROUP_KEY_FIELDS = 2

/** Largest value of a protobuf enumeration, which is an int32. */
export const MAX_ENUM = 2_147_483_647
