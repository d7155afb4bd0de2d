import { randomBytes } from 'node:crypto'
import type { ShortIds } from '../../../../electron/node/gossip/riblt/short-ids.ts'

/** `count` ids of which no two are equal with any chance that matters. */
export function randomIds(count: number): ShortIds {
  const column = (): Uint32Array => {
    const bytes = randomBytes(count * 4)
    return Uint32Array.from({ length: count }, (_, row) => bytes.readUInt32LE(row * 4))
  }
  return { low: column(), high: column() }
}

export function concatIds(...parts: readonly ShortIds[]): ShortIds {
  return {
    low: Uint32Array.from(parts.flatMap((part) => [...part.low])),
    high: Uint32Array.from(parts.flatMap((part) => [...part.high])),
  }
}

export function idTexts(ids: ShortIds): string[] {
  return Array.from(ids.low, (low, row) => `${ids.high[row]}:${low}`).sort()
}
