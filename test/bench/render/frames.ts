import type { Page } from '@playwright/test'

export type Gesture = 'nothing' | 'pan' | 'zoom'

/** The value below which a share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** Charts are looked at in every so manieth frame: looking costs the page a little. */
const LOOK_EVERY = 10

export interface Frames {
  /** From frame to frame, ms. */
  times: number[]
  /** Charts looked at, and those whose picture did not reach from edge to edge of the window they showed. */
  looked: number
  bare: number
}

/** Runs in the page: a wheel that turns a little in each frame, out and back, so that the window stays in the history. */
const IN_PAGE = `(gesture, seconds) => new Promise((resolve) => {
  const target = document.querySelector('[role="application"]')
  const box = target?.getBoundingClientRect()
  const times = []
  let [looked, bare] = [0, 0]
  const look = () => {
    for (const chart of document.querySelectorAll('[role="application"]')) {
      const canvas = chart.querySelectorAll('canvas')[1]
      const clip = canvas.parentElement.getBoundingClientRect()
      const picture = canvas.getBoundingClientRect()
      looked += 1
      if (picture.left > clip.left + 1 || picture.right < clip.right - 1) bare += 1
    }
  }
  const start = performance.now()
  let last = NaN
  const step = (now) => {
    if (!Number.isNaN(last)) times.push(now - last)
    last = now
    const elapsed = performance.now() - start
    if (elapsed > seconds * 1000) return resolve({ times, looked, bare })
    if (times.length % ${LOOK_EVERY} === 0) look()
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
export function countFrames(page: Page, gesture: Gesture, seconds: number): Promise<Frames> {
  return page.evaluate<Frames>(`(${IN_PAGE})(${JSON.stringify(gesture)}, ${seconds})`)
}
