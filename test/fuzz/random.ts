/** Seeded random values (mulberry32), so that every input can be made again from its seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to 2^32 - 1. */
  word(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return this.word() % bound
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    for (let at = 0; at < length; at++) bytes[at] = this.word()
    return bytes
  }

  /** Mostly short, now and then long. */
  length(max: number): number {
    return this.chance(20) ? this.below(max + 1) : this.below(Math.min(max, 24) + 1)
  }

  text(max: number): string {
    const alphabet = this.chance(4) ? HOSTILE : PLAIN
    let text = ''
    for (let left = this.length(max); left > 0; left--) text += this.pick(alphabet)
    return text
  }
}

const PLAIN = [...'abcdefghijklmnopqrstuvwxyz0123456789-_/.']
const HOSTILE = [
  '\\',
  '"',
  '.',
  '\u0000',
  '\u007f',
  'é',
  '€',
  '\u{1f600}',
  '\ufeff',
  '\u202e',
  '{',
  '[',
  '#',
  '0x',
]
