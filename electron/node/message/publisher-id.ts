import { MAX_PUBLISHER_ID_BYTES } from './limits.ts'
import { MessageRefused } from './message-refused.ts'

/** The text form of a publisher id, as it enters the signature payload: `0x` and lower-case hex. */
export function publisherText(publisherId: Uint8Array): string {
  const bytes = Buffer.from(publisherId.buffer, publisherId.byteOffset, publisherId.byteLength)
  return `0x${bytes.toString('hex')}`
}

/** @throws {MessageRefused} when `publisher` is not `0x` and an even number of lower-case hex digits. */
export function publisherBytes(publisher: string): Uint8Array {
  const bounded = publisher.length <= 2 + 2 * MAX_PUBLISHER_ID_BYTES
  if (!bounded || !/^0x(?:[0-9a-f]{2})+$/.test(publisher)) {
    throw new MessageRefused('publisher-invalid', 'A publisher is 0x and lower-case hex digits.')
  }
  return new Uint8Array(Buffer.from(publisher.slice(2), 'hex'))
}
