import type { FuzzTarget } from './fuzz-target.ts'
import { Random } from './random.ts'

/** Longest a parser may take for one input, ms. */
const MAX_INPUT_MS = 50

/**
 * Times an input that took too long is tried again, by the time this thread spent on it: a busy machine or a
 * collection of garbage does not make an input slow.
 */
const SLOW_REPEATS = 3

export interface FuzzFailure {
  run: number
  input: Uint8Array
  error: unknown
}

export interface FuzzOptions {
  runs: number
  seed: number
}

/** How many inputs a target is given: all there are where they are counted, spread evenly where it is given fewer. */
export function runsOf({ inputs = Number.POSITIVE_INFINITY }: FuzzTarget, runs: number): number {
  return Math.min(runs, inputs)
}

/** Runs a target on generated inputs; returns the first failure, or undefined after all runs. */
export function fuzz(target: FuzzTarget, options: FuzzOptions): FuzzFailure | undefined {
  const { seed } = options
  const runs = runsOf(target, options.runs)
  const stride = target.inputs === undefined ? 1 : target.inputs / runs
  const prototypes = snapshotPrototypes()
  for (let run = 0; run < runs; run++) {
    const random = new Random(seed + Math.imul(run, 0x9e3779b1))
    const input = target.generate(random, Math.floor(run * stride))
    const error = attempt(target, input)
    if (error !== undefined) return { run, input, error }
  }
  const after = snapshotPrototypes()
  if (after !== prototypes) {
    return { run: runs, input: new Uint8Array(0), error: new Error(`A prototype was changed: ${after}`) }
  }
  return undefined
}

/** What goes wrong with one input, or undefined. */
export function attempt(target: FuzzTarget, input: Uint8Array): unknown {
  try {
    const start = performance.now()
    target.check(input)
    if (performance.now() - start <= MAX_INPUT_MS) return undefined
    let leastMs = Number.POSITIVE_INFINITY
    for (let repeat = 0; repeat < SLOW_REPEATS; repeat++) {
      const before = process.threadCpuUsage()
      target.check(input)
      const { user, system } = process.threadCpuUsage(before)
      leastMs = Math.min(leastMs, (user + system) / 1_000)
    }
    return leastMs > MAX_INPUT_MS ? new Error(`The input took ${leastMs.toFixed(0)} ms`) : undefined
  } catch (error) {
    return error ?? new Error('The target threw nothing')
  }
}

/** Everything that hostile keys could have added to the objects that all others inherit from. */
function snapshotPrototypes(): string {
  return [Object.prototype, Array.prototype, Function.prototype, String.prototype, Uint8Array.prototype]
    .map((prototype) => Reflect.ownKeys(prototype).map(String).join())
    .join('|')
}
