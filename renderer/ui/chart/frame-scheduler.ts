/**
 * One animation frame for everything that is drawn by hand: whoever has something new asks for the next frame and
 * all are drawn in it together. A hidden window draws nothing; what was asked for is drawn when it is seen again.
 */
export interface FrameScheduler {
  /** Draws once in the next frame, however often it is asked. */
  request(draw: () => void): void
  cancel(draw: () => void): void
}

export interface FrameSchedulerOptions {
  requestFrame: (callback: () => void) => number
  isHidden: () => boolean
  onVisible: (callback: () => void) => void
}

export function createFrameScheduler({
  requestFrame,
  isHidden,
  onVisible,
}: FrameSchedulerOptions): FrameScheduler {
  const waiting = new Set<() => void>()
  let isScheduled = false

  function drawAll(): void {
    isScheduled = false
    const due = [...waiting]
    waiting.clear()
    for (const draw of due) draw()
  }
  function schedule(): void {
    if (isScheduled || waiting.size === 0 || isHidden()) return
    isScheduled = true
    requestFrame(drawAll)
  }
  onVisible(schedule)

  return {
    request(draw) {
      waiting.add(draw)
      schedule()
    },
    cancel(draw) {
      waiting.delete(draw)
    },
  }
}

/** The scheduler of this window. */
export const frames: FrameScheduler = createFrameScheduler({
  requestFrame: (callback) => requestAnimationFrame(callback),
  isHidden: () => document.hidden,
  onVisible: (callback) => document.addEventListener('visibilitychange', callback),
})
