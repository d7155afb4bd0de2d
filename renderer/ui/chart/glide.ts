/** An element that is moved sideways in every frame. */
export interface Glide {
  /** @param px To the right of where it lies; so far out of sight that it makes no difference, it stops. */
  moveTo(px: number): void
  /** @param factor Makes it so many times as wide, about its left edge. */
  stretchTo(factor: number): void
  dispose(): void
}

/** Further than any screen is wide. */
const REACH_PX = 100_000
/** A picture that is stretched further tells nothing any more. */
const MAX_STRETCH = 64
const STRETCH_MS = 1_000_000

/**
 * Moves an element by the time of an animation that stands still. What a style moves, the browser puts together anew
 * in each frame, with everything else on the page; what an animation moves it hands straight to the compositor: with
 * twenty panels that is a few milliseconds of each frame.
 */
export function createGlide(element: HTMLElement): Glide {
  const translate = [`${-REACH_PX}px 0`, `${REACH_PX}px 0`]
  // A pixel a millisecond: whole pixels are whole times, and lose nothing on the way.
  const animation = element.animate({ translate }, { duration: 2 * REACH_PX, fill: 'both' })
  animation.pause()
  animation.currentTime = REACH_PX
  const widening = element.animate(
    { scale: ['0 1', `${MAX_STRETCH} 1`] },
    { duration: MAX_STRETCH * STRETCH_MS, fill: 'both' },
  )
  widening.pause()
  widening.currentTime = STRETCH_MS
  let place = 0
  let stretch = 1
  return {
    moveTo(px) {
      // Where nothing moves, the browser has nothing to put together.
      if (px === place) return
      place = px
      animation.currentTime = REACH_PX + Math.max(-REACH_PX, Math.min(REACH_PX, px))
    },
    stretchTo(factor) {
      if (factor === stretch) return
      stretch = factor
      widening.currentTime = STRETCH_MS * Math.max(0, Math.min(MAX_STRETCH, factor))
    },
    dispose() {
      animation.cancel()
      widening.cancel()
    },
  }
}
