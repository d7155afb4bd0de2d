import type { Page } from '@playwright/test'

export type Gesture = 'nothing' | 'pan' | 'zoom'

/** The value below which a share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Runs in the page: a wheel that turns a little in each frame, out and back, so that the window stays in the history. */
const IN_PAGE = `(gesture, seconds) => new Promise((resolve) => {
  const target = document.querySelector('[role="application"]')
  const box = target?.getBoundingClientRect()
  const times = []
  const start = performance.now()
  let last = NaN
  const step = (now) => {
    if (!Number.isNaN(last)) times.push(now - last)
    last = now
    const elapsed = performance.now() - start
    if (elapsed > seconds * 1000) return resolve(times)
    if (target && gesture !== 'nothing') {
      const direction = Math.floor(elapsed / 1000) % 2 === 0 ? 1 : -1
      target.dispatchEvent(new WheelEvent('wheel', {
        bubbles: true,
        cancelable: true,
        clientX: box.left + box.width / 2,
        clientY: box.top + box.height / 2,
        deltaX: gesture === 'pan' ? direction * 14 : 0,
        deltaY: gesture === 'zoom' ? direction * 12 : 0,
      }))
    }
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})`

/** Milliseconds from frame to frame, while in each frame a gesture goes on as a hand at a wheel would make it. */
export function frameTimes(page: Page, gesture: Gesture, seconds: number): Promise<number[]> {
  return page.evaluate<number[]>(`(${IN_PAGE})(${JSON.stringify(gesture)}, ${seconds})`)
}
