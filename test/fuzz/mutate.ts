import type { Random } from './random.ts'

/** Bytes that readers stumble over: lengths, varints without an end, ends of ranges. */
const STUMBLING = [
  [0x00],
  [0x7f],
  [0x80],
  [0xff],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0x22],
  [0x5c],
  [0x7b],
  [0x5b],
] as const

/** One to four changes anywhere in the bytes. */
export function mutate(random: Random, bytes: Uint8Array): Uint8Array {
  let mutated = bytes
  for (let left = 1 + random.below(4); left > 0; left--) mutated = mutateOnce(random, mutated)
  return mutated
}

function mutateOnce(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1)
  const length = Math.min(1 + random.length(64), bytes.length - at)
  switch (random.below(7)) {
    case 0: {
      const changed = Uint8Array.from(bytes)
      if (at < changed.length) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
      return changed
    }
    case 1: {
      const changed = Uint8Array.from(bytes)
      if (at < changed.length) changed[at] = random.word()
      return changed
    }
    case 2:
      return bytes.slice(0, at)
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 4:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
    case 5:
      return Buffer.concat([
        bytes.subarray(0, at),
        Uint8Array.from(random.pick(STUMBLING)),
        bytes.subarray(at),
      ])
    default:
      return Buffer.concat([
        bytes.subarray(0, at),
        random.bytes(random.length(64)),
        bytes.subarray(at + length),
      ])
  }
}
