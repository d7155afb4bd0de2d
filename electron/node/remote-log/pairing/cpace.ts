import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'

/**
 * CPace, the balanced password-authenticated key exchange chosen by the CFRG (draft-irtf-cfrg-cpace), over
 * ristretto255 with SHA-512, for one short code and two known ends: who does not know the code learns one wrong
 * guess from an exchange, and nothing to try further guesses on at leisure.
 */

const GENERATOR_TAG = 'Tidemark-CPace-ristretto255-1'
const KEY_TAG = 'Tidemark-CPace-key-1'

/** Length of a share and of a tag in bytes. */
export const SHARE_BYTES = 32
export const TAG_BYTES = 32

export interface CpaceShare {
  /** To be sent to the other end. */
  share: Uint8Array
  secret: bigint
}

/** The two ends, as the transport has authenticated them. */
export interface CpaceEnds {
  inviter: string
  joiner: string
}

export function createCpaceShare(code: string, ends: CpaceEnds): CpaceShare {
  const generator = ristretto255_hasher.hashToCurve(frame(code, ends.joiner, ends.inviter), {
    DST: GENERATOR_TAG,
  })
  const secret = randomScalar()
  return { share: generator.multiply(secret).toBytes(), secret }
}

/**
 * The key both ends arrive at when their codes are the same.
 * @throws Error when the other end's share is not one of the group, or the neutral element.
 */
export function deriveCpaceKey(
  { secret }: CpaceShare,
  other: Uint8Array,
  shares: { joiner: Uint8Array; inviter: Uint8Array },
): Uint8Array {
  const point = ristretto255.Point.fromBytes(other)
  if (point.is0()) throw new Error('The share of the other end is the neutral element.')
  const shared = point.multiply(secret).toBytes()
  return hash('sha512', frame(KEY_TAG, shared, shares.joiner, shares.inviter), 'buffer')
}

/** Proof of having the key, different for the two roles. */
export function cpaceTag(key: Uint8Array, role: 'inviter' | 'joiner'): Uint8Array {
  return createHmac('sha256', key).update(role).digest()
}

export function isCpaceTag(key: Uint8Array, role: 'inviter' | 'joiner', tag: Uint8Array): boolean {
  const expected = cpaceTag(key, role)
  return tag.length === expected.length && timingSafeEqual(tag, expected)
}

/** Each part with its length before it, so that no two lists of parts look alike. */
function frame(...parts: (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

/** Twice the bits of the group's order, so that the remainder is even. */
function randomScalar(): bigint {
  const { Fn } = ristretto255.Point
  const scalar = Fn.create(BigInt(`0x${randomBytes(64).toString('hex')}`))
  return scalar === 0n ? randomScalar() : scalar
}
