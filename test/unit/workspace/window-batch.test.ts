import { describe, expect, it } from 'vitest'
import { createWindowBatch } from '../../../renderer/api/window-batch.ts'
import type { ChartWindow } from '../../../shared/chart.ts'

function createNode() {
  const asked: { fields: string[]; signal: AbortSignal; answer(): void; fail(): void }[] = []
  const batch = createWindowBatch(
    ({ part, from, to, fields }, signal) =>
      new Promise<ChartWindow>((resolve, reject) => {
        const series = fields.map((field) => ({ publisher: '0xaa', field, buckets: [] }))
        const answer = () => resolve({ part, from, to, levelMs: 0, expectedIntervalMs: 0, series })
        asked.push({ fields, signal, answer, fail: () => reject(new Error('refused')) })
      }),
  )
  const load = (field: string, more = {}, signal = new AbortController().signal) =>
    batch.load({ part: 'a#0', publisher: null, field, from: 0, to: 10, widthPx: 64, ...more }, signal)
  const gathered = () => new Promise((resolve) => setTimeout(resolve, 30))
  return { asked, load, gathered }
}

describe('questions of many panels', () => {
  it('for one stretch go in one, each field once, and each is answered with its own', async () => {
    const { asked, load, gathered } = createNode()
    const answers = [load('x'), load('y'), load('x')]
    await gathered()
    expect(asked.map(({ fields }) => fields)).toEqual([['x', 'y']])
    asked[0]?.answer()
    const found = (await Promise.all(answers)).map(({ series }) => series.map(({ field }) => field))
    expect(found).toEqual([['x'], ['y'], ['x']])
  })

  it('for other stretches go apart, and no question has more fields than the node takes', async () => {
    const { asked, load, gathered } = createNode()
    for (let field = 0; field < 40; field += 1) load(`f${field}`).catch(() => undefined)
    load('x', { to: 20 }).catch(() => undefined)
    await gathered()
    expect(asked.map(({ fields }) => fields.length).sort((a, b) => a - b)).toEqual([1, 8, 32])
  })

  it('that nobody waits for any more are not asked, or are called off', async () => {
    const { asked, load, gathered } = createNode()
    const [early, one, other] = [new AbortController(), new AbortController(), new AbortController()]
    const answers = [load('x', {}, early.signal), load('y', {}, one.signal), load('z', {}, other.signal)]
    const ended = Promise.allSettled(answers)
    early.abort()
    await gathered()
    expect(asked.map(({ fields }) => fields)).toEqual([['y', 'z']])
    one.abort()
    expect(asked[0]?.signal.aborted).toBe(false)
    other.abort()
    expect(asked[0]?.signal.aborted).toBe(true)
    const ends = await ended
    expect(ends.every(({ status }) => status === 'rejected')).toBe(true)
  })

  it('that the node refuses fail for all who asked', async () => {
    const { asked, load, gathered } = createNode()
    const answers = [load('x'), load('y')]
    await gathered()
    asked[0]?.fail()
    const ends = await Promise.allSettled(answers)
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})
