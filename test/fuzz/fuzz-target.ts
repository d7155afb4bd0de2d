import type { Random } from './random.ts'

/** A parser of outside input, and what must hold for whatever it is given. */
export interface FuzzTarget {
  name: string
  /** What one input costs beside that of a plain parser: a run of all targets takes so many times fewer of it. */
  cost?: number
  /** How many inputs there are, where they can be counted; `--runs` of at least so many takes each of them once. */
  inputs?: number
  /** An input: valid, mutated or random bytes. @param index which one, where they are counted */
  generate(random: Random, index: number): Uint8Array
  /** @throws when the parser crashes, throws an untyped error, or gives an answer it must not give. */
  check(input: Uint8Array): void
}
