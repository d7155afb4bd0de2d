import { hash } from 'node:crypto'
import { parseStreamPartId } from '../../../shared/message.ts'
import { MAX_TABLE_NAME_LENGTH, sinkTableInput } from '../../../shared/sink.ts'

/** PostgreSQL cuts longer names off, in bytes; ours are ASCII. */
export const MAX_NAME_LENGTH = 63
/** Columns with this beginning are the sink's own. */
export const OWN_PREFIX = 'tm_'

/** Columns every table of PostgreSQL has, and words that cannot name a column without quotes. */
const RESERVED: ReadonlySet<string> = new Set(
  `tableoid xmin cmin xmax cmax ctid all analyse analyze and any array as asc asymmetric authorization binary both case
  cast check collate collation column concurrently constraint create cross current_catalog current_date current_role
  current_schema current_time current_timestamp current_user default deferrable desc distinct do else end except false
  fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull join lateral
  leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps
  placing primary references returning right select session_user similar some symmetric system_user table tablesample
  then to trailing true union unique user using variadic verbose when where window with`.split(/\s+/),
)

/** Paths of letters, digits, dots and underscores: what becomes of them can be read back. */
const PLAIN_PATH = /^[A-Za-z][A-Za-z0-9]*(?:[._][A-Za-z0-9]+)*$/

/**
 * The column of a field. `cpu.loadAverage` becomes `cpu_load_average`; names that say something else afterwards, that
 * are taken, too long, or words of SQL get a part of the path's hash. The same path and the same names that are taken
 * give the same column; the table of columns keeps what was given.
 */
export function columnName(path: string, isTaken: (name: string) => boolean): string {
  const words = snakeCase(path)
  const isPlain = PLAIN_PATH.test(path) && words.length <= MAX_NAME_LENGTH && !words.startsWith(OWN_PREFIX)
  const plain = RESERVED.has(words) ? `${words}_` : words
  if (isPlain && plain.length <= MAX_NAME_LENGTH && !isTaken(plain)) return plain
  const digest = hash('sha256', path)
  const stem = (/^[a-z]/.test(words) && !words.startsWith(OWN_PREFIX) ? words : `f_${words}`).replace(
    /_+$/,
    '',
  )
  for (const length of [8, 16, 32]) {
    const name = `${stem.slice(0, MAX_NAME_LENGTH - 1 - length)}_${digest.slice(0, length)}`
    if (!isTaken(name)) return name
  }
  throw new RangeError(`No column is left for ${path.slice(0, 120)}`)
}

/** The table a stream part is written into when nobody says otherwise: named by what follows the owner in its id. */
export function defaultTableName(part: string): string {
  const { streamId, partition } = parseStreamPartId(part)
  // Names that begin so are Tidemark's own tables; its own streams do as well.
  const words = snakeCase(streamId.slice(streamId.indexOf('/') + 1)).replace(
    /^(?:tidemark_|[^a-z])+|_+$/g,
    '',
  )
  const suffix = partition === 0 ? '' : `_p${partition}`
  const name = `${words.slice(0, MAX_TABLE_NAME_LENGTH - suffix.length)}${suffix}`
  const isFit = sinkTableInput.safeParse(name).success && !RESERVED.has(name)
  return isFit ? name : `stream_${hash('sha256', part).slice(0, 12)}`
}

function snakeCase(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
}

/** A path, or any text, in a form that PostgreSQL can keep: NUL and lone surrogates as `\u` and four hex digits. */
export function storablePath(path: string): string {
  return path.replace(UNSTORABLE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Whether PostgreSQL can keep a text as it is: it has no character 0, and half characters are no UTF-8. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
