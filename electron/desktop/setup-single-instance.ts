import { type DesktopArguments, readDesktopArguments } from './desktop-arguments.ts'
import type { ElectronApi } from './electron-api.ts'

export interface SingleInstanceOptions {
  electron: Pick<ElectronApi, 'app'>
  /** Another start was tried: its arguments come here. */
  onSecondInstance: (words: DesktopArguments) => void
}

/**
 * One window process for each data folder: the lock lies in `userData`, which lies in the data folder. Answers
 * `false` in a second instance, which then has nothing left to do but quit.
 */
export function setupSingleInstance({ electron: { app }, onSecondInstance }: SingleInstanceOptions): boolean {
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return false
  }
  app.on('second-instance', (_event, words, workingDir) =>
    onSecondInstance(readDesktopArguments(words, workingDir)),
  )
  return true
}
