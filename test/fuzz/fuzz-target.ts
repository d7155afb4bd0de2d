import type { Random } from './random.ts'

/** A parser of outside input, and what must hold for whatever it is given. */
export interface FuzzTarget {
  name: string
  /** An input: valid, mutated or random bytes. */
  generate(random: Random): Uint8Array
  /** @throws when the parser crashes, throws an untyped error, or gives an answer it must not give. */
  check(input: Uint8Array): void
}
