import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import secp256k1 from 'secp256k1'
import { describe, expect, it } from 'vitest'
import { BatchCheck, type CheckedSignature } from '../../../electron/node/provenance/batch-check.ts'
import { ethereumMessageHash, keccak256 } from '../../../electron/node/provenance/keccak256.ts'
import {
  Secp256k1Verifier,
  type SignedPayload,
} from '../../../electron/node/provenance/secp256k1-signature.ts'
import { MAX_CHECKED_TOGETHER } from '../../../electron/node/provenance/verifier-limits.ts'
import { compileBatchCheck } from '../../../scripts/wasm.mjs'

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const check = new BatchCheck()

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const bytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')

const publishers = Array.from({ length: 7 }, (_, index) => {
  const secret = sha256(`publisher ${index}`)
  const key = secp256k1.publicKeyCreate(secret, false)
  const address = `0x${Buffer.from(keccak256(key.subarray(1)).subarray(12)).toString('hex')}`
  return { secret, address, table: check.tableOf(key) }
})
type Publisher = (typeof publishers)[number]

function sign({ secret, table }: Publisher, hash: Uint8Array): CheckedSignature {
  const { signature, recid } = secp256k1.ecdsaSign(hash, secret)
  return { hash, signature, isOdd: recid === 1, key: table }
}

const anySignature = fc
  .tuple(fc.constantFrom(...publishers), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([publisher, hash]) => sign(publisher, hash))

const flipped = (of: Uint8Array, bit: number): Uint8Array =>
  Uint8Array.from(of, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

/** The signature with s replaced, and r too where it is given. */
const withNumbers = (of: CheckedSignature, s: bigint, r = number(of.signature.subarray(0, 32))) => ({
  ...of,
  signature: Buffer.concat([bytes(r), bytes(s)]),
})

describe('the module that checks many signatures', () => {
  it('is what its source compiles to', async () => {
    const kept = new URL('../../../electron/node/provenance/batch-check.wasm.ts', import.meta.url)
    expect(readFileSync(kept, 'utf8')).toBe(await compileBatchCheck())
  }, 60_000)
})

describe('a check of many signatures', () => {
  it('holds for any signatures of any keys, also the same ones again', () => {
    fc.assert(
      fc.property(fc.array(anySignature, { minLength: 1, maxLength: 40 }), (signatures) => {
        expect(check.holdAll([...signatures, ...signatures])).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  it('does not hold when any bit of one of them is another', () => {
    fc.assert(
      fc.property(
        fc.array(anySignature, { minLength: 1, maxLength: 20 }),
        fc.nat(19),
        fc.integer({ min: 0, max: 32 * 8 + 64 * 8 }),
        (signatures, index, bit) => {
          const at = index % signatures.length
          const one = signatures[at]!
          const wrong =
            bit < 256
              ? { ...one, hash: flipped(one.hash, bit) }
              : bit < 768
                ? { ...one, signature: flipped(one.signature, bit - 256) }
                : { ...one, isOdd: !one.isOdd }
          expect(check.holdAll(signatures.with(at, wrong))).toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('does not hold when one of them is of another key', () => {
    fc.assert(
      fc.property(
        fc.array(anySignature, { minLength: 1, maxLength: 20 }),
        fc.nat(19),
        (signatures, index) => {
          const at = index % signatures.length
          const one = signatures[at]!
          const other = publishers.find(({ table }) => table !== one.key)!
          expect(check.holdAll(signatures.with(at, { ...one, key: other.table }))).toBe(false)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('holds for as many as it takes, and takes no more and no fewer', () => {
    const many = Array.from({ length: MAX_CHECKED_TOGETHER }, (_, at) =>
      sign(publishers[at % publishers.length]!, sha256(`message ${at}`)),
    )
    expect(check.holdAll(many)).toBe(true)
    expect(check.holdAll(many.with(-1, { ...many[0]!, hash: sha256('another') }))).toBe(false)
    expect(() => check.holdAll([...many, many[0]!])).toThrow(RangeError)
    expect(() => check.holdAll([])).toThrow(RangeError)
  })

  it('takes as many keys as signatures', () => {
    const many = Array.from({ length: MAX_CHECKED_TOGETHER }, (_, at) => {
      const secret = sha256(`one of a crowd ${at}`)
      const table = check.tableOf(secp256k1.publicKeyCreate(secret, false))
      return sign({ secret, address: '', table }, sha256(`message ${at}`))
    })
    expect(check.holdAll(many)).toBe(true)
    expect(check.holdAll(many.with(300, { ...many[300]!, key: many[301]!.key }))).toBe(false)
  })

  it('is not taken in by wrong ones whose errors make up for each other', () => {
    // (z / s) G is too large by G in one and too small by G in the other.
    const good = sign(publishers[0]!, sha256('a message'))
    const z = number(good.hash)
    const s = number(good.signature.subarray(32))
    const above = { ...good, hash: bytes((z + s) % ORDER) }
    const below = { ...good, hash: bytes((z - s + ORDER) % ORDER) }
    for (let round = 0; round < 20; round++) expect(check.holdAll([above, below])).toBe(false)
  })

  it('holds for hashes of 0, of the order and beyond, which count modulo the order', () => {
    const hashes = [0n, 1n, ORDER - 1n, ORDER, ORDER + 1n, 2n ** 256n - 1n].map(bytes)
    expect(check.holdAll(hashes.map((hash) => sign(publishers[1]!, hash)))).toBe(true)
    const zero = sign(publishers[1]!, bytes(0n))
    expect(check.holdAll([{ ...zero, hash: bytes(ORDER) }])).toBe(true)
    expect(check.holdAll([{ ...zero, hash: bytes(1n) }])).toBe(false)
  })

  it('holds for the twin of a signature only with the other point', () => {
    const good = sign(publishers[2]!, sha256('a message'))
    const twin = withNumbers(good, ORDER - number(good.signature.subarray(32)))
    expect(check.holdAll([{ ...twin, isOdd: !good.isOdd }])).toBe(true)
    expect(check.holdAll([twin])).toBe(false)
  })

  it('does not hold for numbers that are none of a signature', () => {
    const good = sign(publishers[3]!, sha256('a message'))
    const s = number(good.signature.subarray(32))
    for (const wrong of [
      withNumbers(good, 0n),
      withNumbers(good, ORDER),
      withNumbers(good, ORDER + s),
      withNumbers(good, s, 0n),
      withNumbers(good, s, ORDER),
      withNumbers(good, s, 2n ** 256n - 1n),
      // 5 is the x of no point.
      withNumbers(good, s, 5n),
    ]) {
      expect(check.holdAll([good, wrong])).toBe(false)
    }
    expect(check.holdAll([good, good])).toBe(true)
  })
})

describe('many signatures of publishers, known and unknown', () => {
  const signed = (publisher: Publisher, text: string): SignedPayload => {
    const payload = Buffer.from(text)
    const { signature, recid } = secp256k1.ecdsaSign(ethereumMessageHash(payload), publisher.secret)
    return {
      publisher: publisher.address,
      payload,
      signature: Buffer.concat([signature, Buffer.of(27 + recid)]),
    }
  }
  const highS = ({ signature, ...rest }: SignedPayload): SignedPayload => ({
    ...rest,
    signature: Buffer.concat([
      signature.subarray(0, 32),
      bytes(ORDER - number(signature.subarray(32, 64))),
      Buffer.of((signature[64] ?? 0) ^ 7),
    ]),
  })
  const withLast = ({ signature, ...rest }: SignedPayload, last: number): SignedPayload => ({
    ...rest,
    signature: Buffer.concat([signature.subarray(0, 64), Buffer.of(last)]),
  })
  const SPOILT: ((good: SignedPayload) => SignedPayload)[] = [
    (good) => ({ ...good, payload: Buffer.from('something else') }),
    (good) => ({ ...good, publisher: publishers.find(({ address }) => address !== good.publisher)!.address }),
    (good) => withLast(good, (good.signature[64] ?? 0) ^ 7),
    (good) => withLast(good, 29),
    (good) => withLast(good, 0),
    (good) => ({ ...good, signature: good.signature.subarray(1) }),
    (good) => ({ ...good, signature: new Uint8Array(0) }),
    highS,
  ]
  /** Good ones, with one of another kind at each of the given places. */
  const list = (length: number, spoilt: ReadonlyMap<number, number>): SignedPayload[] =>
    Array.from({ length }, (_, at) => {
      const good = signed(publishers[at % publishers.length]!, `message ${at}`)
      const kind = spoilt.get(at)
      return kind === undefined ? good : SPOILT[kind]!(good)
    })

  it('are judged as each is by itself, wherever the wrong ones stand', () => {
    const places = fc.array(fc.tuple(fc.nat(599), fc.nat(SPOILT.length - 1)), { maxLength: 6 })
    const many = new Secp256k1Verifier(() => check)
    fc.assert(
      fc.property(places, (spoilt) => {
        const all = list(600, new Map(spoilt))
        const single = new Secp256k1Verifier()
        expect(many.verifyAll(all)).toEqual(all.map((one) => single.verify(one)))
      }),
      { numRuns: 8 },
    )
  })

  it('are judged as each is by itself, when just one is wrong in any of these ways', () => {
    SPOILT.forEach((_, kind) => {
      const all = list(200, new Map([[150, kind]]))
      const outcomes = new Secp256k1Verifier(() => check).verifyAll(all)
      expect(outcomes[150]).toBe(new Secp256k1Verifier().verify(all[150]!))
      expect(outcomes[150]).not.toBe('valid')
      expect(new Set(outcomes.toSpliced(150, 1))).toEqual(new Set(['valid']))
    })
  })

  it('are told apart after many lists with a wrong one in each, and when these are over', () => {
    const verifier = new Secp256k1Verifier(() => check)
    const good = list(100, new Map())
    const wrong = list(100, new Map([[70, 0]]))
    for (let round = 0; round < 12; round++) {
      expect(verifier.verifyAll(wrong).flatMap((outcome, at) => (outcome === 'valid' ? [] : [at]))).toEqual([
        70,
      ])
    }
    for (let round = 0; round < 12; round++)
      expect(new Set(verifier.verifyAll(good))).toEqual(new Set(['valid']))
  })

  it('are none in an empty list', () => {
    expect(new Secp256k1Verifier(() => check).verifyAll([])).toEqual([])
  })
})
