import { createFrameScheduler, type FrameScheduler } from './frame-scheduler.ts'

/** Whether nobody can see this window. */
export const isHidden = (): boolean => document.hidden

/** The scheduler of this window. */
export const frames: FrameScheduler = createFrameScheduler({
  requestFrame: (callback) => requestAnimationFrame(callback),
  isHidden,
  onVisible: (callback) => document.addEventListener('visibilitychange', callback),
})
