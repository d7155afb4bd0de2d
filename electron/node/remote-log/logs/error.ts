import { type ErrorView, TidemarkError, toErrorView } from '../../../../shared/errors.ts'
import { RemoteLogError, type RemoteLogErrorCode } from '../errors.ts'

type Shown = { code: 'invalid-input' | 'remote-log-unreachable' | 'remote-log-unreadable'; remedy: string }

const INPUT = 'Check the name or address for a slip.'
const UNREACHABLE = 'See that who keeps the log can be reached, then try again; what is here already stays.'
const UNREADABLE = 'Check the name; what it leads to is damaged, or belongs to something else.'
const REFUSED = 'Who keeps the log does not let this node write. Check the token, or use another name.'

const SHOWN: Partial<Record<RemoteLogErrorCode, Shown>> = {
  'address-invalid': { code: 'invalid-input', remedy: INPUT },
  'name-invalid': { code: 'invalid-input', remedy: INPUT },
  'name-missing': { code: 'remote-log-unreachable', remedy: INPUT },
  'name-refused': { code: 'remote-log-unreachable', remedy: REFUSED },
  'store-refused': { code: 'remote-log-unreachable', remedy: REFUSED },
  'content-too-large': { code: 'remote-log-unreadable', remedy: UNREADABLE },
  'content-mismatch': { code: 'remote-log-unreadable', remedy: UNREADABLE },
  'page-unreadable': { code: 'remote-log-unreadable', remedy: UNREADABLE },
  'message-unreadable': { code: 'remote-log-unreadable', remedy: UNREADABLE },
}

/** Puts a failure of who keeps a log into the form in which errors cross the border. */
export function toShownError(error: unknown): unknown {
  if (!(error instanceof RemoteLogError)) return error
  const { code, remedy } = SHOWN[error.code] ?? { code: 'remote-log-unreachable', remedy: UNREACHABLE }
  return new TidemarkError(code, error.message, remedy, { cause: error })
}

export function toShownView(error: unknown): ErrorView {
  return toErrorView(toShownError(error))
}

/** Carries out `work`; what goes wrong with who keeps the log is thrown as a `TidemarkError`. */
export async function shown<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toShownError(error)
  }
}
