import { z } from 'zod'
import { RemoteLogError, type RemoteLogErrorCode } from '../errors.ts'

/** Error codes of Twirp (https://twitchtv.github.io/twirp/docs/spec_v7.html) that are in use, with their HTTP status. */
export const TWIRP_STATUS = {
  malformed: 400,
  invalid_argument: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  bad_route: 404,
  deadline_exceeded: 408,
  resource_exhausted: 429,
  internal: 500,
  data_loss: 500,
  unavailable: 503,
} as const
export type TwirpCode = keyof typeof TWIRP_STATUS

/** An answer other than the one hoped for, on either side of the wire. */
export class TwirpError extends Error {
  override readonly name = 'TwirpError'
  readonly code: string
  constructor(code: TwirpCode | (string & {}), message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const errorBody = z.object({ code: z.string().max(64), msg: z.string().max(4_096).default('') })

/** Reads an error answer; a server that does not speak Twirp there gets a code by its status. */
export function readTwirpError(status: number, body: Uint8Array): TwirpError {
  try {
    const { code, msg } = errorBody.parse(JSON.parse(Buffer.from(body).toString('utf8')))
    return new TwirpError(code, msg)
  } catch (cause) {
    const code = status === 404 ? 'bad_route' : status >= 500 ? 'unavailable' : 'internal'
    return new TwirpError(code, `The server answered with HTTP status ${status}.`, { cause })
  }
}

const CODE_OF: Partial<Record<RemoteLogErrorCode, TwirpCode>> = {
  'address-invalid': 'invalid_argument',
  'content-missing': 'not_found',
  'content-mismatch': 'data_loss',
  'content-too-large': 'invalid_argument',
  'store-refused': 'permission_denied',
  'store-unreachable': 'unavailable',
  'name-invalid': 'invalid_argument',
  'name-missing': 'not_found',
  'name-refused': 'permission_denied',
  'names-unreachable': 'unavailable',
  timeout: 'deadline_exceeded',
}

/** What a failure of a port is called on the wire. */
export function toTwirpError(error: unknown): TwirpError {
  if (error instanceof TwirpError) return error
  if (error instanceof RemoteLogError) {
    return new TwirpError(CODE_OF[error.code] ?? 'internal', error.message, { cause: error })
  }
  return new TwirpError('internal', 'The server failed to answer.', { cause: error })
}
