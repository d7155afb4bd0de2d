import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareMessageIds, compareMessages, isSameMessageId } from '../../../electron/node/message/order.ts'

const id = fc.record({
  streamId: fc.constant('s'),
  partition: fc.constant(0),
  timestamp: fc.nat(3),
  sequence: fc.nat(2),
  publisher: fc.constantFrom('0xaa', '0xab'),
  chain: fc.constantFrom('a', 'b', '\u{ff21}', '\u{1f600}'),
})
const message = fc.record({ id, digest: fc.uint8Array({ minLength: 1, maxLength: 1 }) })

describe('the order of messages', () => {
  it('goes by timestamp, sequence, publisher, chain and digest', () => {
    const of = (timestamp: number, sequence: number, publisher: string, chain: string, digest: number) => ({
      id: { streamId: 's', partition: 0, timestamp, sequence, publisher, chain },
      digest: Uint8Array.from([digest]),
    })
    const ordered = [
      of(1, 9, '0xff', 'z', 9),
      of(2, 0, '0xff', 'z', 9),
      of(2, 1, '0xaa', 'z', 9),
      of(2, 1, '0xab', 'a', 9),
      of(2, 1, '0xab', 'b', 1),
      of(2, 1, '0xab', 'b', 2),
    ]
    expect([...ordered].reverse().sort(compareMessages)).toEqual(ordered)
  })

  it('is total: antisymmetric, transitive, and zero only for equals', () => {
    fc.assert(
      fc.property(message, message, message, (a, b, c) => {
        expect(Math.sign(compareMessages(a, b)) + Math.sign(compareMessages(b, a))).toBe(0)
        if (compareMessages(a, b) <= 0 && compareMessages(b, c) <= 0) {
          expect(compareMessages(a, c)).toBeLessThanOrEqual(0)
        }
        expect(compareMessageIds(a.id, b.id) === 0).toBe(isSameMessageId(a.id, b.id))
      }),
    )
  })

  it('compares texts by their UTF-8 bytes, as binary collations do, not by UTF-16 units', () => {
    const of = (chain: string) => ({
      streamId: 's',
      partition: 0,
      timestamp: 1,
      sequence: 1,
      publisher: '0x',
      chain,
    })
    expect(compareMessageIds(of('\u{ff21}'), of('\u{1f600}'))).toBeLessThan(0)
  })

  it('tells stream parts apart when asked for the same message', () => {
    const a = { streamId: 's', partition: 0, timestamp: 1, sequence: 1, publisher: '0x', chain: 'c' }
    expect(isSameMessageId(a, { ...a, partition: 1 })).toBe(false)
    expect(isSameMessageId(a, { ...a, streamId: 't' })).toBe(false)
  })
})
