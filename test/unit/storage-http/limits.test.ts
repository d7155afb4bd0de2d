import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Admission } from '../../../electron/api/storage-http/admission.ts'
import { clientAddress } from '../../../electron/api/storage-http/client-address.ts'
import { TokenBuckets } from '../../../electron/api/storage-http/token-buckets.ts'

describe('a token bucket', () => {
  it('never lets through more than its capacity and what flowed in, and never less while there is some', () => {
    const steps = fc.array(fc.tuple(fc.nat(3_000), fc.constantFrom('a', 'b')), { maxLength: 200 })
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (taken, capacity, rate) => {
          let now = 0
          const buckets = new TokenBuckets({
            capacity,
            refillPerSecond: rate,
            maxBuckets: 10,
            monotonic: () => now,
          })
          const passed = { a: 0, b: 0 }
          for (const [waitMs, key] of taken) {
            now += waitMs
            const retryMs = buckets.take(key as 'a' | 'b')
            if (retryMs === 0) passed[key as 'a' | 'b'] += 1
            expect(passed[key as 'a' | 'b'] * 1_000).toBeLessThanOrEqual(capacity * 1_000 + now * rate)
            if (retryMs > 0) {
              now += retryMs
              expect(buckets.take(key)).toBe(0)
              passed[key as 'a' | 'b'] += 1
            }
          }
        },
      ),
    )
  })

  it('forgets the client that was quiet longest when there are too many', () => {
    const buckets = new TokenBuckets({
      capacity: 1,
      refillPerSecond: 0.001,
      maxBuckets: 2,
      monotonic: () => 0,
    })
    expect([buckets.take('a'), buckets.take('b')]).toEqual([0, 0])
    expect(buckets.take('a')).toBeGreaterThan(0)
    expect(buckets.take('c')).toBe(0)
    expect(buckets.take('a')).toBeGreaterThan(0)
    expect(buckets.take('b')).toBe(0)
  })
})

describe('admission', () => {
  const never = new AbortController().signal
  const limits = { maxActive: 3, maxActivePerClient: 2, maxWaiting: 100, waitDeadlineMs: 60_000 }

  it('serves waiting clients in turn, so that a crowd of one delays another by one place', async () => {
    const admission = new Admission({ ...limits, maxActive: 1 })
    const order: string[] = []
    const leave = await admission.enter('greedy', never)
    const enter = async (client: string): Promise<void> => {
      const leaveAgain = await admission.enter(client, never)
      order.push(client)
      leaveAgain()
    }
    const all = [...Array.from({ length: 5 }, () => enter('greedy')), enter('modest')]
    leave()
    await Promise.all(all)
    expect(order.indexOf('modest')).toBe(1)
    expect(order).toHaveLength(6)
  })

  it('keeps places free for others when one client has all it may', async () => {
    const admission = new Admission(limits)
    await admission.enter('greedy', never)
    await admission.enter('greedy', never)
    let third = false
    void admission.enter('greedy', never).then(() => {
      third = true
    })
    await admission.enter('modest', never)
    expect(third).toBe(false)
  })

  it('never admits more than allowed and loses nobody, whatever comes and goes', async () => {
    const visits = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(3), fc.boolean()), {
      maxLength: 60,
    })
    await fc.assert(
      fc.asyncProperty(visits, async (visitors) => {
        const admission = new Admission(limits)
        const active = new Map<string, number>()
        let served = 0
        let left = 0
        const visit = async ([client, turns, impatient]: (typeof visitors)[number]): Promise<void> => {
          const gone = new AbortController()
          const entering = admission.enter(client, gone.signal)
          if (impatient) setImmediate(() => gone.abort())
          const leave = await entering.catch(() => undefined)
          if (leave === undefined) {
            left += 1
            return
          }
          active.set(client, (active.get(client) ?? 0) + 1)
          expect(active.get(client)).toBeLessThanOrEqual(limits.maxActivePerClient)
          expect([...active.values()].reduce((sum, n) => sum + n)).toBeLessThanOrEqual(limits.maxActive)
          for (let at = 0; at < turns; at++) await new Promise((resolve) => setImmediate(resolve))
          active.set(client, (active.get(client) ?? 0) - 1)
          served += 1
          leave()
        }
        await Promise.all(visitors.map(visit))
        expect(served + left).toBe(visitors.length)
        const leave = await admission.enter('a', never)
        leave()
      }),
    )
  })
})

describe('the address of a client', () => {
  const from = (remoteAddress: string, forwarded?: string) =>
    ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['1::4:5:6:7:8', '1:0:0:4::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, counted) => {
    expect(clientAddress(from(address), false)).toBe(counted)
  })

  it('is what the operator’s proxy appended, and only where that is trusted', () => {
    const request = from('10.0.0.1', '203.0.113.7, 198.51.100.9')
    expect(clientAddress(request, true)).toBe('198.51.100.9')
    expect(clientAddress(request, false)).toBe('10.0.0.1')
    expect(clientAddress(from('10.0.0.1', 'nonsense'), true)).toBe('10.0.0.1')
  })
})
