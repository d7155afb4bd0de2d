import { WINDOW_SLICES } from '../limits.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Slot } from './slot.ts'

/** How much of the longest pause between values is remembered with each further one. */
const PACE_MEMORY = 0.9

/** What one value says about a condition: nothing; that it holds; that it does not; that something happened. */
export const UNSAID = 0
export const HOLDS = 1
export const ENDS = 2
export const HAPPENED = 3
export type Outcome = typeof UNSAID | typeof HOLDS | typeof ENDS | typeof HAPPENED

/**
 * Judges one value of a rule's field, and remembers in the slot what the next one is compared with.
 * @param at message time, ms, not before the value judged last
 */
export function judgeValue({ condition }: CompiledRule, slot: Slot, value: unknown, at: number): Outcome {
  switch (condition.kind) {
    case 'threshold': {
      if (typeof value !== 'number') return UNSAID
      // Once it holds, the value to clear at takes the place of the threshold.
      const bound = slot.active ? (condition.clear ?? condition.value) : condition.value
      return (condition.op === 'above' ? value > bound : value < bound) ? HOLDS : ENDS
    }
    case 'change': {
      if (!isScalar(value)) return UNSAID
      const before = slot.value
      slot.value = value
      return before !== null && before !== value ? HAPPENED : UNSAID
    }
    case 'stuck': {
      if (!isScalar(value)) return UNSAID
      if (slot.value === value) return at - slot.at >= condition.afterMs ? HOLDS : UNSAID
      slot.value = value
      slot.at = at
      return ENDS
    }
    case 'jump': {
      if (typeof value !== 'number') return UNSAID
      const before = slot.value
      slot.value = value
      return typeof before === 'number' && Math.abs(value - before) >= condition.by ? HAPPENED : UNSAID
    }
    case 'counter': {
      if (typeof value !== 'number') return UNSAID
      const before = slot.value
      slot.value = value
      return typeof before === 'number' && value < before ? HAPPENED : UNSAID
    }
    case 'missed-blocks': {
      if (typeof value !== 'number') return UNSAID
      const before = slot.value
      slot.value = value
      // A counter that goes back began anew: what it has counted since is all that is known.
      const growth = typeof before === 'number' ? (value < before ? value : value - before) : 0
      return growthInWindow(slot, growth, at, condition.windowMs) > condition.max ? HOLDS : ENDS
    }
    case 'lag': {
      if (typeof value !== 'number') return UNSAID
      // Judged against the others, when the median is taken.
      if (slot.at >= 0) slot.slice = Math.max(at - slot.at, Math.floor(slot.slice * PACE_MEMORY))
      slot.value = value
      slot.at = at
      return UNSAID
    }
    default:
      return UNSAID
  }
}

/** Adds to the newest slice and sums the slices that lie within the window. */
function growthInWindow(slot: Slot, growth: number, at: number, windowMs: number): number {
  const slice = Math.floor(at / (windowMs / WINDOW_SLICES))
  const slices = slot.slices ?? new Array<number>(WINDOW_SLICES).fill(0)
  const passed = Math.min(slot.slice < 0 ? WINDOW_SLICES : slice - slot.slice, WINDOW_SLICES)
  for (let n = 0; n < passed; n++) {
    slices.shift()
    slices.push(0)
  }
  slices[WINDOW_SLICES - 1] = (slices[WINDOW_SLICES - 1] ?? 0) + growth
  slot.slices = slices
  slot.slice = slice
  let sum = 0
  for (const part of slices) sum += part
  return sum
}

function isScalar(value: unknown): value is number | string | boolean {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
}
