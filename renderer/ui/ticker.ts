import { useSyncExternalStore } from 'react'

/**
 * One clock for everything that ages on screen: it ticks once a second while somebody looks, and stands still
 * while the window is hidden.
 */
const TICK_MS = 1_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | null = null

function tick(): void {
  now = Date.now()
  for (const listener of listeners) listener()
}

function adjust(): void {
  const isWanted = listeners.size > 0 && !document.hidden
  if (isWanted && timer === null) {
    tick()
    timer = setInterval(tick, TICK_MS)
  } else if (!isWanted && timer !== null) {
    clearInterval(timer)
    timer = null
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (listeners.size === 1) document.addEventListener('visibilitychange', adjust)
  adjust()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) document.removeEventListener('visibilitychange', adjust)
    adjust()
  }
}

/** The wall clock, to the second, ms since the epoch. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}
