import { TidemarkError } from '../../../shared/errors.ts'
import { OLDEST_SERVER_VERSION } from './limits.ts'

export interface ServerFacts {
  /** As `server_version_num` has it. */
  number: number
  encoding: string
  /** `on` for a standby, or a server that was told so. */
  readOnly: string
}

/** Why a server cannot be used, or null when it can. */
export function unsuitableServer({ number, encoding, readOnly }: ServerFacts): TidemarkError | null {
  if (!(number >= OLDEST_SERVER_VERSION)) {
    return new TidemarkError(
      'database-unsuitable',
      `The database server is too old (version ${number}); 13 or newer is needed.`,
      'Update the server, or name another.',
    )
  }
  if (encoding !== 'UTF8') {
    return new TidemarkError(
      'database-unsuitable',
      `The database keeps text as ${encoding}; names in messages need UTF8.`,
      'Make a database with ENCODING UTF8 and name that.',
    )
  }
  if (readOnly === 'on') {
    return new TidemarkError(
      'database-read-only',
      'The database server takes no changes: it is read-only, or a standby.',
      'Name the server that takes changes, or make this one take them.',
    )
  }
  return null
}
