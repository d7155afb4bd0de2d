import { describe, expect, it } from 'vitest'
import { createRate } from '../../../electron/node/telemetry/rate.ts'

function rateOver(readings: { at: number; bytes: number }[]) {
  let index = -1
  const rate = createRate(
    async () => ({ bytes: readings[index]?.bytes ?? Number.NaN }),
    () => readings[index]?.at ?? Number.NaN,
  )
  return () => {
    index += 1
    return rate()
  }
}

describe('a rate over a counter', () => {
  it('is the difference over the time between two readings', async () => {
    const next = rateOver([
      { at: 0, bytes: 1_000 },
      { at: 2_000, bytes: 5_000 },
      { at: 2_500, bytes: 5_000 },
    ])
    await expect(next()).rejects.toMatchObject({ reason: 'not-yet' })
    expect(await next()).toEqual({ bytes: 2_000 })
    expect(await next()).toEqual({ bytes: 0 })
  })

  it('says "not yet" after a counter began anew instead of a negative or absurd rate', async () => {
    const next = rateOver([
      { at: 0, bytes: 1_000 },
      { at: 1_000, bytes: 10 },
      { at: 2_000, bytes: 30 },
    ])
    await expect(next()).rejects.toMatchObject({ reason: 'not-yet' })
    await expect(next()).rejects.toMatchObject({ reason: 'not-yet' })
    expect(await next()).toEqual({ bytes: 20 })
  })
})
