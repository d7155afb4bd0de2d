import { describe, expect, it } from 'vitest'
import { DigestSum } from '../../../electron/node/message/digest-sum.ts'
import type { StoredMessage } from '../../../electron/node/ports.ts'
import { startOf } from '../../../electron/node/sink/bucket-rows.ts'
import { MinuteSums } from '../../../electron/node/sink/minute-sums.ts'
import { buffersOf, packMessages, unpackMessages } from '../../../electron/node/sink/packed-messages.ts'
import { syntheticMessage } from '../store/synthetic-messages.ts'

function stored(
  shape: Parameters<typeof syntheticMessage>[0],
  more: Partial<StoredMessage> = {},
): StoredMessage {
  return { ...syntheticMessage(shape), equivocation: false, ...more }
}

const MESSAGES = [
  stored({ at: 0 }),
  stored({ at: 59_999, verdict: 'pending', sequence: 7 }, { encrypted: true }),
  stored({ at: 60_000, publisher: 2, chain: 'b' }, { equivocation: true }),
]

describe('messages on their way to the thread that writes', () => {
  it('come out as they went in', () => {
    const key = new Uint8Array(32).fill(9)
    const packed = packMessages(MESSAGES, () => key)
    const copy = structuredClone(packed, { transfer: buffersOf(packed) })
    expect([...unpackMessages(copy)]).toEqual(
      MESSAGES.map(({ id, digest, verdict, reason, equivocation, encrypted, receivedAt, raw }) => ({
        ...{ timestamp: id.timestamp, sequence: id.sequence, publisher: id.publisher, chain: id.chain },
        ...{ digest: Uint8Array.from(digest), verdict, reason, equivocation, encrypted, receivedAt },
        raw: Uint8Array.from(raw),
        key: encrypted ? key : undefined,
      })),
    )
  })
})

describe('sums of minutes', () => {
  it('are complete when a later message comes, and tell verified messages from others', () => {
    const sums = new MinuteSums()
    const [first, ...none] = sums.add(MESSAGES)
    const [last] = sums.end()
    expect(none).toEqual([])
    expect(sums.end()).toEqual([])
    expect(first).toMatchObject({ start: startOf(60_000, MESSAGES[0]!.id.timestamp), verified: 1 })
    expect(first?.sum).toEqual(Uint8Array.from(MESSAGES[0]!.digest))
    expect(first?.others.length).toBeGreaterThan(0)
    expect(last).toMatchObject({ verified: 1, others: new Uint8Array(0) })
  })

  it('change with a verdict, its reason and the copy of a message that is not verified', () => {
    const othersOf = (message: StoredMessage) => {
      const sums = new MinuteSums()
      sums.add([message])
      return Buffer.from(sums.end()[0]!.others).toString('hex')
    }
    const pending = stored({ verdict: 'pending' })
    const different = [
      pending,
      { ...pending, verdict: 'unauthorised' as const },
      { ...pending, reason: 'rpc-unavailable' as const },
      stored({ verdict: 'pending', salt: 2 }),
    ]
    expect(new Set(different.map(othersOf)).size).toBe(different.length)
  })

  it('lose what is taken away', () => {
    const sum = new DigestSum()
    const digests = MESSAGES.map(({ digest }) => digest)
    for (const digest of digests) sum.add(digest)
    const whole = new DigestSum(sum.count, sum.sum)
    for (const digest of digests.slice(1)) sum.remove(digest)
    expect(sum.equals(1, Uint8Array.from(digests[0]!))).toBe(true)
    whole.removeAll(sum)
    whole.remove(digests[1]!)
    whole.remove(digests[2]!)
    expect(whole.equals(0, new Uint8Array(32))).toBe(true)
  })
})
