import pino from 'pino'
import type { Logger } from '../node/ports.ts'

/** Logs go to stderr as JSON lines; stdout belongs to what others script against. Keys never come this far. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      // Errors are logged with their message and code; a stack only where somebody debugs.
      serializers: { error: level === 'debug' ? pino.stdSerializers.err : shortError },
      redact: {
        paths: ['privateKey', '*.privateKey', 'token', '*.token', 'bearer', '*.bearer'],
        censor: '[kept secret]',
      },
    },
    pino.destination(2),
  )
}

function shortError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code } = error as NodeJS.ErrnoException
  return { name: error.name, message: error.message.slice(0, 2_000), ...(code === undefined ? {} : { code }) }
}
