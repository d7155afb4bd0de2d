import { ADDRESS_BYTES, type Address, isAddress } from '../address.ts'
import { RemoteLogError } from '../errors.ts'
import { MAX_WANTED_BLOCKS } from './limits.ts'

export const MAX_REQUEST_BYTES = MAX_WANTED_BLOCKS * ADDRESS_BYTES

/** A request for blocks: their addresses, one after the other. */
export function encodeBlockRequest(addresses: readonly Address[]): Uint8Array {
  const request = new Uint8Array(addresses.length * ADDRESS_BYTES)
  for (const [at, address] of addresses.entries()) request.set(address, at * ADDRESS_BYTES)
  return request
}

/** @throws {RemoteLogError} `address-invalid` */
export function decodeBlockRequest(request: Uint8Array): Address[] {
  const count = request.length / ADDRESS_BYTES
  if (!Number.isInteger(count) || count < 1 || count > MAX_WANTED_BLOCKS) {
    throw new RemoteLogError('address-invalid', `${request.length} bytes are no list of addresses.`)
  }
  return Array.from({ length: count }, (_, at) => {
    const address = request.slice(at * ADDRESS_BYTES, (at + 1) * ADDRESS_BYTES)
    if (!isAddress(address))
      throw new RemoteLogError('address-invalid', 'A request names something that is no address of a block.')
    return address
  })
}
