import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sessionKey, shortIds } from '../../../../electron/node/gossip/riblt/short-ids.ts'

const MASK = 0xffff_ffff_ffff_ffffn
const rotate = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (64n - by))) & MASK

/** SipHash-2-4 of 16 bytes, written from its paper with exact integers. */
function sipHash(key: Uint8Array, input: Uint8Array): bigint {
  const keyView = Buffer.from(key)
  const inputView = Buffer.from(input)
  let v0 = keyView.readBigUInt64LE(0) ^ 0x736f6d6570736575n
  let v1 = keyView.readBigUInt64LE(8) ^ 0x646f72616e646f6dn
  let v2 = keyView.readBigUInt64LE(0) ^ 0x6c7967656e657261n
  let v3 = keyView.readBigUInt64LE(8) ^ 0x7465646279746573n
  const round = (): void => {
    v0 = (v0 + v1) & MASK
    v1 = rotate(v1, 13n) ^ v0
    v0 = rotate(v0, 32n)
    v2 = (v2 + v3) & MASK
    v3 = rotate(v3, 16n) ^ v2
    v0 = (v0 + v3) & MASK
    v3 = rotate(v3, 21n) ^ v0
    v2 = (v2 + v1) & MASK
    v1 = rotate(v1, 17n) ^ v2
    v2 = rotate(v2, 32n)
  }
  for (const word of [inputView.readBigUInt64LE(0), inputView.readBigUInt64LE(8), 16n << 56n]) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }
  v2 ^= 0xffn
  for (let turn = 0; turn < 4; turn++) round()
  return v0 ^ v1 ^ v2 ^ v3
}

const words = (bytes: Uint8Array): Uint32Array =>
  Uint32Array.from({ length: 4 }, (_, index) => Buffer.from(bytes).readUInt32LE(index * 4))

describe('short ids', () => {
  it('are SipHash-2-4: the published vector of 16 bytes', () => {
    const counting = Uint8Array.from({ length: 16 }, (_, index) => index)
    const ids = shortIds(words(counting), counting)
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32LE(ids.low[0] ?? 0, 0)
    bytes.writeUInt32LE(ids.high[0] ?? 0, 4)
    expect(bytes.toString('hex')).toBe('db9bc2577fcc2a3f')
  })

  it('agree with SipHash in exact arithmetic for any key and digests', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    fc.assert(
      fc.property(bytes(16), bytes(48), (key, prefixes) => {
        const ids = shortIds(words(key), prefixes)
        for (let item = 0; item < 3; item++) {
          const id = (BigInt(ids.high[item] ?? 0) << 32n) | BigInt(ids.low[item] ?? 0)
          expect(id).toBe(sipHash(key, prefixes.subarray(item * 16, item * 16 + 16)))
        }
      }),
    )
  })

  it('are keyed by both sides’ nonces', () => {
    const asker = new Uint8Array(16).fill(1)
    const answerer = new Uint8Array(16).fill(2)
    const hash = createHash('sha256')
      .update('tidemark/reconcile/1 short ids')
      .update(asker)
      .update(answerer)
      .digest()
    expect([...sessionKey(asker, answerer)]).toEqual([...words(hash)])
    expect([...sessionKey(answerer, asker)]).not.toEqual([...words(hash)])
  })

  it('refuse nonces and digests of another length', () => {
    expect(() => sessionKey(new Uint8Array(15), new Uint8Array(16))).toThrow(RangeError)
    expect(() => shortIds(new Uint32Array(4), new Uint8Array(17))).toThrow(RangeError)
  })
})
