import { keccak256 } from '../keccak256.ts'

/**
 * Where Streamr's stream registry (StreamRegistryV5, and its predecessors behind the same proxies) keeps what a right
 * to publish rests on, after Solidity's layout of storage. The numbers were found on the contract itself:
 * `streamIdToPermissions` lies at slot 301 and `streamIdToVersion` at 304, after the slots of the contracts it inherits.
 */
const PERMISSIONS_SLOT = 301
const VERSION_SLOT = 304
/** `publishExpiration` within `Permission`: the two booleans before it share slot 0. */
const EXPIRATION_OFFSET = 1n

const WORD_BYTES = 32
/** An address is padded to a word in front; longer ids of users stand behind as many zeros. */
const USER_PADDING_BYTES = 12
const WORDS = 1n << 256n

/** The slot of how often a stream of this id was made: rights given before count no more. */
export function versionSlot(streamId: string): Uint8Array {
  return slotOfText(VERSION_SLOT, streamId)
}

/** The slot of the second until which a user may publish. @param user lower-case 0x hex; the zero address for everybody */
export function publishExpirationSlot(streamId: string, version: bigint, user: string): Uint8Array {
  const userKey = keccak256(
    word(version),
    new Uint8Array(USER_PADDING_BYTES),
    Buffer.from(user.slice(2), 'hex'),
  )
  const permission = keccak256(userKey, slotOfText(PERMISSIONS_SLOT, streamId))
  return word((numberOf(permission) + EXPIRATION_OFFSET) % WORDS)
}

function slotOfText(slot: number, key: string): Uint8Array {
  return keccak256(Buffer.from(key, 'utf8'), word(BigInt(slot)))
}

function word(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(WORD_BYTES * 2, '0'), 'hex')
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
