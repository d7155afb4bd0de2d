/**
 * One animation frame for everything that is drawn by hand: whoever has something new asks for the next frame and
 * all are drawn in it together. A hidden window draws nothing; what was asked for is drawn when it is seen again.
 */
export interface FrameScheduler {
  /** Draws once in the next frame, however often it is asked. */
  request(draw: () => void): void
  cancel(draw: () => void): void
  /**
   * Whether this frame has room for a drawing that takes long. Who is told no asks for the next frame, and is served
   * there before those that ask later: many panels stay smooth together and none starves.
   */
  hasRoom(): boolean
}

/** What long drawings of one frame may take together, ms: the rest is the browser's to put it on screen. */
export const PAINT_BUDGET_MS = 4

export interface FrameSchedulerOptions {
  requestFrame: (callback: () => void) => number
  isHidden: () => boolean
  /** A clock in ms that never steps back. */
  now?: () => number
  onVisible: (callback: () => void) => void
}

export function createFrameScheduler({
  requestFrame,
  isHidden,
  onVisible,
  now = () => performance.now(),
}: FrameSchedulerOptions): FrameScheduler {
  const waiting = new Set<() => void>()
  let isScheduled = false
  let startedAt = 0
  let served = 0

  function drawAll(): void {
    isScheduled = false
    const due = [...waiting]
    waiting.clear()
    startedAt = now()
    served = 0
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
    hasRoom() {
      if (served > 0 && now() - startedAt >= PAINT_BUDGET_MS) return false
      served += 1
      return true
    },
  }
}
