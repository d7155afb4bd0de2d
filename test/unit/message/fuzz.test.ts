import { describe, expect, it } from 'vitest'
import { attempt, fuzz } from '../../fuzz/fuzz.ts'
import type { FuzzTarget } from '../../fuzz/fuzz-target.ts'
import { FUZZ_TARGETS } from '../../fuzz/targets/index.ts'

/** As many inputs as take a second or two; `npm run fuzz -- --runs 1000000` takes them all. */
const RUNS: Record<string, number> = {
  decode: 20_000,
  fields: 20_000,
  proof: 3_000,
  'altered-evidence': 3_000,
  'log-page': 2_000,
  'mvds-message': 2_000,
}

describe('the fuzzers', () => {
  it.each(FUZZ_TARGETS)(
    'find nothing in a short run of $name',
    (target) => {
      expect(fuzz(target, { runs: RUNS[target.name] ?? 1_000, seed: 7 })).toBeUndefined()
    },
    60_000,
  )

  it('reach the first and the last of inputs that are counted, and all of them where they may', () => {
    const seen: number[] = []
    const counted: FuzzTarget = {
      name: 'counted',
      inputs: 10,
      generate: (_random, index) => Uint8Array.of(index),
      check: ([index = -1]) => seen.push(index),
    }
    fuzz(counted, { runs: 1_000, seed: 1 })
    expect(seen.splice(0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    fuzz(counted, { runs: 3, seed: 1 })
    expect(seen).toEqual([0, 3, 6])
  })

  const broken = (check: FuzzTarget['check']): FuzzTarget => ({
    name: 'broken',
    generate: (random) => random.bytes(2),
    check,
  })

  it('report the input a parser crashes on, and the same one again from the same seed', () => {
    const crashing = broken((input) => {
      if ((input[0] ?? 0) > 250) throw new TypeError('crash')
    })
    const failure = fuzz(crashing, { runs: 10_000, seed: 3 })
    expect(failure?.error).toBeInstanceOf(TypeError)
    expect(failure?.input[0]).toBeGreaterThan(250)
    expect(fuzz(crashing, { runs: 10_000, seed: 3 })).toEqual(failure)
  })

  it('report an input that takes too long each time', () => {
    const hanging = broken(() => {
      const before = process.threadCpuUsage()
      while (process.threadCpuUsage(before).user < 60_000);
    })
    expect(String(attempt(hanging, new Uint8Array(0)))).toContain('took')
  })

  it('report a changed prototype', () => {
    const polluting = broken(() =>
      Object.defineProperty(Object.prototype, 'polluted', { value: 1, configurable: true }),
    )
    try {
      expect(String(fuzz(polluting, { runs: 1, seed: 1 })?.error)).toContain('prototype was changed')
    } finally {
      Reflect.deleteProperty(Object.prototype, 'polluted')
    }
  })
})
