import { createFrameScheduler, type FrameScheduler } from './frame-scheduler.ts'

/** The scheduler of this window. */
export const frames: FrameScheduler = createFrameScheduler({
  requestFrame: (callback) => requestAnimationFrame(callback),
  isHidden: () => document.hidden,
  onVisible: (callback) => document.addEventListener('visibilitychange', callback),
})
