import { createExternalStore, type ExternalStore } from '../external-store.ts'

/** Room grows by so much at a time, px: a digit more does not move every plot. */
const STEP_PX = 12

/** The room at the left of every plot of a window: the same for all, so that time lines up. */
export interface ValueMargin {
  readonly px: ExternalStore<number>
  /** A plot is there, until the function that is returned is called. */
  take(): () => void
  /** Some plot needs so much, px. Room that was given stays until all plots have gone: nothing shifts back and forth. */
  need(px: number): void
}

/** @param leastPx what a plot has in any case */
export function createValueMargin(leastPx: number): ValueMargin {
  const px = createExternalStore(leastPx)
  let plots = 0
  return {
    px,
    take() {
      plots += 1
      let isTaken = true
      return () => {
        if (!isTaken) return
        isTaken = false
        plots -= 1
        if (plots === 0) px.set(leastPx)
      }
    },
    need(wanted) {
      const rounded = leastPx + Math.ceil(Math.max(0, wanted - leastPx) / STEP_PX) * STEP_PX
      if (rounded > px.get()) px.set(rounded)
    },
  }
}
