/** What is written for eyes to read while it changes is written anew so often, ms: nobody reads faster. */
export const READING_MS = 250

export interface Seldom {
  (): void
  cancel(): void
}

/**
 * Does something at once, and while it is asked for again and again at most so often, and a last time at the end.
 * All that are asked for in one frame are done in one frame: the page is laid out once for all of them.
 */
export function seldom(act: () => void, everyMs = READING_MS, now = () => performance.now()): Seldom {
  let done = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined

  function run(beat: number): void {
    clearTimeout(timer)
    timer = undefined
    done = beat
    act()
  }
  const ask = (): void => {
    const at = now()
    const beat = Math.floor(at / everyMs)
    if (beat !== done) run(beat)
    else timer ??= setTimeout(() => run(Math.floor(now() / everyMs)), (beat + 1) * everyMs - at)
  }
  return Object.assign(ask, { cancel: () => clearTimeout(timer) })
}
