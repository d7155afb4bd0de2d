/** A deadline is this many looks at the clock; each counts once, however long the process was busy or asleep. */
const LOOKS = 20

/**
 * Calls `onElapsed` after about `timeoutMs` in which this process was awake and had time to look: time it spent in
 * one long piece of work, or suspended, counts as one twentieth at most. A peer must not be called late because its
 * answer lay unread.
 * @returns what ends it.
 */
export function startPatientTimer(timeoutMs: number, onElapsed: () => void): () => void {
  let looks = 0
  const timer = setInterval(() => {
    looks += 1
    if (looks < LOOKS) return
    clearInterval(timer)
    onElapsed()
  }, timeoutMs / LOOKS)
  return () => clearInterval(timer)
}
