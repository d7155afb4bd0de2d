import { PeerFault } from '../peer-fault.ts'

/** Lengths on the wire have at most this many bytes: 2^28 is beyond every bound. */
export const MAX_LENGTH_BYTES = 4

/** LEB128 of a whole number below 2^28. */
export function encodeLength(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = value
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

/**
 * Reads a length at `at`; `undefined` when the bytes end before it does.
 * @throws {PeerFault} `malformed` when it is longer than four bytes or has needless ones.
 */
export function decodeLength(
  bytes: Uint8Array,
  at: number,
): { length: number; sizeBytes: number } | undefined {
  let length = 0
  for (let index = 0; index < MAX_LENGTH_BYTES; index++) {
    const byte = bytes[at + index]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) {
      if (byte === 0 && index > 0) break
      return { length, sizeBytes: index + 1 }
    }
  }
  throw new PeerFault('malformed', 'A length is not written as it should be.')
}
