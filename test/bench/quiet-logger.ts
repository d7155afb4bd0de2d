import type { Logger } from '../../electron/node/ports.ts'

const ignore = (): undefined => undefined

/** A logger for benches: what is measured is not how fast lines are written. Errors are shown. */
export const quietLogger: Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: (fields, message) => {
    process.stderr.write(`${message} ${JSON.stringify(fields)}\n`)
  },
  child: () => quietLogger,
}
