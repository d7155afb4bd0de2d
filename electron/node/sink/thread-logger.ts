import type { Logger } from '../ports.ts'

/** The thread's own remarks go nowhere: what fails is answered to whoever called, who says it. */
export function createThreadLogger(): Logger {
  const nothing = (): void => undefined
  return { debug: nothing, info: nothing, warn: nothing, error: nothing, child: createThreadLogger }
}
