import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressOf } from '../../../../electron/node/remote-log/address.ts'
import { MAX_BLOCK_BYTES, MAX_PAIRS_PER_PAGE } from '../../../../electron/node/remote-log/bounds.ts'
import { RemoteLogError } from '../../../../electron/node/remote-log/errors.ts'
import {
  decodeHead,
  decodePage,
  encodeHead,
  encodePage,
  type Page,
} from '../../../../electron/node/remote-log/wire/page.ts'
import { errorCode } from '../error-code.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const address = fc.uint8Array({ maxLength: 8 }).map((content) => Uint8Array.from(addressOf(content)))
const pair = fc.oneof(
  fc.record({ localHash: hash, remoteHash: address, data: fc.constant(null) }),
  fc.record({
    localHash: hash,
    remoteHash: fc.option(address),
    data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
  }),
)
const page: fc.Arbitrary<Page> = fc.record({
  pairs: fc.array(pair, { minLength: 1, maxLength: 20 }),
  tail: fc.option(address),
})

/** Field and length-delimited bytes, written by hand. */
function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of((number << 3) | 2, bytes.length), bytes])
}

describe('a page', () => {
  it('comes back as it went in, in every mix of embedded and mapped messages', () => {
    fc.assert(
      fc.property(page, (original) => {
        expect(normalise(decodePage(encodePage(original)))).toEqual(normalise(original))
      }),
    )
  })

  it('has the bytes the RFC gives it', () => {
    const localHash = new Uint8Array(32).fill(2)
    const remoteHash = addressOf(Buffer.from('x'))
    const tail = addressOf(Buffer.from('y'))
    const expected = Buffer.concat([
      field(1, Buffer.concat([field(1, remoteHash), field(2, localHash)])),
      field(2, tail),
    ])
    const bytes = encodePage({ pairs: [{ localHash, remoteHash, data: null }], tail })
    expect(Buffer.from(bytes).toString('hex')).toBe(expected.toString('hex'))
  })
})

describe('a head', () => {
  const head = {
    pairs: [{ localHash: new Uint8Array(32).fill(1), remoteHash: null, data: Uint8Array.of(9) }],
    tail: addressOf(Buffer.from('y')),
    cas: [
      '/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA',
      '/dns4/cas.example/tcp/443/https',
    ],
  }

  it('names the CAS by multiaddr', () => {
    expect(decodeHead(encodeHead(head)).cas).toEqual(head.cas)
  })

  it('is an ordinary page to whoever knows the RFC alone', () => {
    expect(normalise(decodePage(encodeHead(head)))).toEqual(normalise({ pairs: head.pairs, tail: head.tail }))
  })

  it('is read without hints that are no multiaddrs', () => {
    const hint = Buffer.concat([Buffer.of(0xca, 0xb5, 0x03, 2), Buffer.of(0xff, 0xff)])
    expect(decodeHead(Buffer.concat([encodePage(head), hint])).cas).toEqual([])
  })
})

describe('reading a page from a stranger', () => {
  const localHash = new Uint8Array(32)
  const remoteHash = addressOf(Buffer.from('x'))
  const pairOf = (...fields: Buffer[]) => field(1, Buffer.concat(fields))

  it.each<[string, Uint8Array]>([
    ['is empty', new Uint8Array(0)],
    ['is not protobuf', Buffer.from([0xff, 0xff, 0xff])],
    ['is of another protocol', field(9, Buffer.from('anything'))],
    ['is truncated', pairOf(field(1, remoteHash), field(2, localHash)).subarray(0, 40)],
    [
      'names a message by something else than an MVDS id',
      pairOf(field(1, remoteHash), field(2, localHash.subarray(1))),
    ],
    ['maps a message to no address', pairOf(field(1, remoteHash.subarray(1)), field(2, localHash))],
    ['neither maps nor embeds a message', pairOf(field(2, localHash))],
    [
      'has a tail that is no address',
      Buffer.concat([pairOf(field(1, remoteHash), field(2, localHash)), field(2, Buffer.of(1))]),
    ],
    [
      'holds groups',
      Buffer.concat([pairOf(field(1, remoteHash), field(2, localHash)), Buffer.of(0x2b, 0x2c)]),
    ],
    ['is larger than a block', new Uint8Array(MAX_BLOCK_BYTES + 1)],
    ['names too many messages', Buffer.alloc((MAX_PAIRS_PER_PAGE + 1) * 2, Buffer.of(0x0a, 0x00))],
  ])('refuses one that %s', (_what, bytes) => {
    expect(errorCode(() => decodePage(bytes))).toBe('page-unreadable')
  })

  it('answers any bytes with a page or a RemoteLogError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodeHead(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteLogError)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('answers any page with one byte changed with a page or a RemoteLogError', () => {
    fc.assert(
      fc.property(page, fc.nat(), fc.nat(255), (original, at, value) => {
        const bytes = encodePage(original)
        bytes[at % bytes.length] = value
        try {
          decodePage(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RemoteLogError)
        }
      }),
      { numRuns: 500 },
    )
  })
})

function normalise(read: Page) {
  const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
  return {
    tail: hex(read.tail),
    pairs: read.pairs.map((entry) => ({
      localHash: hex(entry.localHash),
      remoteHash: hex(entry.remoteHash),
      data: hex(entry.data),
    })),
  }
}
