import type { Logger } from '../../../electron/node/ports.ts'

const ignore = (): void => undefined

/** A logger for tests that look at results, not at the log. */
export const quietLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => quietLogger,
}
