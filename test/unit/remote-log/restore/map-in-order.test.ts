import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mapInOrder } from '../../../../electron/node/remote-log/restore/map-in-order.ts'

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('work on a stream of items', () => {
  it('hands out every result in order, never more than so many at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        async (delays, limit) => {
          let running = 0
          let most = 0
          const results = await collect(
            mapInOrder(from(delays.map((delay, at) => ({ delay, at }))), limit, async ({ delay, at }) => {
              running += 1
              most = Math.max(most, running)
              await sleep(delay)
              running -= 1
              return at
            }),
          )
          expect(results).toEqual(delays.map((_, at) => at))
          expect(most).toBeLessThanOrEqual(limit)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('hands a result out while the source takes its time', async () => {
    const gate = Promise.withResolvers<void>()
    async function* slow(): AsyncGenerator<number> {
      yield 1
      await gate.promise
      yield 2
    }
    const results = mapInOrder(slow(), 8, async (item) => item)
    expect((await results.next()).value).toBe(1)
    gate.resolve()
    expect((await results.next()).value).toBe(2)
    expect((await results.next()).done).toBe(true)
  })

  it('fails where the work failed, after the results before', async () => {
    const seen: number[] = []
    const run = async () => {
      const work = async (item: number) => {
        if (item === 2) throw new Error('two')
        return item
      }
      for await (const item of mapInOrder(from([1, 2, 3]), 8, work)) seen.push(item)
    }
    await expect(run()).rejects.toThrow('two')
    expect(seen).toEqual([1])
  })

  it('fails where the source failed', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1
      throw new Error('source')
    }
    await expect(collect(mapInOrder(broken(), 8, async (item) => item))).rejects.toThrow('source')
  })

  it('waits for what is under way when its consumer stops', async () => {
    let finished = 0
    for await (const _ of mapInOrder(from([1, 2, 3, 4]), 4, async (item) => {
      await sleep(item)
      finished += 1
    })) {
      await sleep(1)
      break
    }
    const atEnd = finished
    await sleep(20)
    expect(finished).toBe(atEnd)
  })
})
