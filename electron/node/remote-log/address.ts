import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { RemoteLogError } from './errors.ts'

/**
 * Where content lies in a CAS: a binary CIDv1 of raw bytes under SHA-256. All three content stores use it, so an
 * address can be computed before anything is uploaded, checked by whoever holds the content, carried over from
 * one store to another, and put into a CAR file as it is.
 */
export type Address = Uint8Array

const SHA2_256_CODE = 0x12
/** CID version 1, codec raw, hash SHA-256, 32 bytes of it. */
const PREFIX = Uint8Array.of(0x01, raw.code, SHA2_256_CODE, 32)
/** Length of every address in bytes. */
export const ADDRESS_BYTES = PREFIX.length + 32

export function addressOf(content: Uint8Array): Address {
  const address = new Uint8Array(ADDRESS_BYTES)
  address.set(PREFIX)
  address.set(hash('sha256', content, 'buffer'), PREFIX.length)
  return address
}

export function isAddress(bytes: Uint8Array): boolean {
  return bytes.length === ADDRESS_BYTES && PREFIX.every((byte, at) => bytes[at] === byte)
}

/** @throws {RemoteLogError} `content-mismatch` when `content` is not what `address` names. */
export function assertContentMatches(address: Address, content: Uint8Array): void {
  if (Buffer.compare(addressOf(content), address) !== 0) {
    throw new RemoteLogError(
      'content-mismatch',
      `The content handed out for ${formatAddress(address)} is another one.`,
    )
  }
}

/** Text form, as IPFS writes it: `bafkrei…`. */
export function formatAddress(address: Address): string {
  return toCid(address).toString()
}

/** @throws {RemoteLogError} `address-invalid` */
export function parseAddress(text: string): Address {
  try {
    return toAddress(CID.parse(text))
  } catch (cause) {
    throw new RemoteLogError(
      'address-invalid',
      `"${text.slice(0, 100)}" is not an address of a page or message.`,
      { cause },
    )
  }
}

/** @throws {RemoteLogError} `address-invalid` when `address` is not of the one form in use. */
export function toCid(address: Address): CID {
  if (!isAddress(address)) {
    throw new RemoteLogError(
      'address-invalid',
      `${address.length} bytes are not a CIDv1 of raw bytes under SHA-256.`,
    )
  }
  return CID.createV1(raw.code, createDigest(SHA2_256_CODE, address.subarray(PREFIX.length)))
}

/** @throws {RemoteLogError} `address-invalid` when `cid` is not of the one form in use. */
export function toAddress(cid: CID): Address {
  const { bytes } = cid
  if (!isAddress(bytes)) {
    throw new RemoteLogError(
      'address-invalid',
      `${cid.toString().slice(0, 100)} does not name raw bytes under SHA-256.`,
    )
  }
  return bytes
}
