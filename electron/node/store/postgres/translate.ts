/** Keys of the tables whose rows are written anew as a whole; also those of all others that an upsert names. */
const KEYS: Record<string, readonly string[]> = {
  part_buckets: ['part', 'level', 'bucket'],
  publisher_buckets: ['part', 'publisher', 'level', 'chunk', 'bucket'],
  chain_states: ['part', 'publisher', 'chain'],
  fields: ['part', 'path'],
  gaps: [
    ...['part', 'publisher', 'chain', 'missing_timestamp', 'missing_sequence'],
    ...['named_by_timestamp', 'named_by_sequence'],
  ],
}

export const DEFERRED_TABLES = Object.keys(KEYS)
/** Tables whose rows wait in this process until they are read, or the transaction ends. */
const BUFFERED = [...DEFERRED_TABLES, 'messages']

/** A table whose rows are written or taken away at once with others, by their whole key. */
export interface KeyedTable {
  table: string
  key: readonly string[]
}

/** A row that replaces the one with its key. */
export interface Replacement extends KeyedTable {
  columns: readonly string[]
  /** There is no row with its key. */
  isNew: boolean
}

export interface Translated {
  text: string
  /** Set when the statement writes a whole row and nobody asks what became of it. */
  replacement: Replacement | null
  /** Set when it takes away one row by its whole key, whose parts are its parameters, and nobody asks whether it was there. */
  removal: KeyedTable | null
  /** Of the buffered tables, those the statement touches. */
  touches: readonly string[]
  /** Set when it reads one row of a deferred table by its whole key: the parameters are that key. */
  pointOf: string | null
  /** The statement answers with the number of the row it made or found. */
  returnsId: boolean
}

/**
 * Brings a statement of the store into the words of PostgreSQL. Not a parser: it knows the few forms that the store
 * uses, and the conformance suite runs all of them.
 */
export function translate(sql: string): Translated {
  let text = sql.replace(/\s(?:NOT INDEXED|INDEXED BY \w+)\b/g, '')
  const touches = BUFFERED.filter((table) =>
    new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE)\\s+${table}\\b`).test(text),
  )
  const replaced = /^\s*INSERT OR (REPLACE|ABORT) INTO (\w+)\s*\(([^)]*)\)/.exec(text)
  let replacement: Replacement | null = null
  if (replaced !== null) {
    const isNew = replaced[1] === 'ABORT'
    const table = replaced[2] ?? ''
    const columns = (replaced[3] ?? '').split(',').map((column) => column.trim())
    const key = KEYS[table]
    if (key === undefined) throw new RangeError(`Nothing is known of the key of ${table}`)
    replacement = { table, columns, key, isNew }
    text = `${text.replace(/INSERT OR \w+/, 'INSERT')} ${onConflict(replacement)}`
  }
  const named = /^\s*INSERT INTO (parts|publishers|chains|sources) \(name\)/.test(text)
  // Another node may have given the name a number since we looked: then that is its number.
  if (named) text += ' ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id'
  const isRefused = /^\s*INSERT INTO refused\b/.test(text)
  if (isRefused) text += ' RETURNING id'
  if (/^\s*INSERT INTO part_publishers\b/.test(text)) text += ' ON CONFLICT (part, publisher) DO NOTHING'
  return {
    text: numberParameters(text),
    replacement,
    removal: byWholeKey('DELETE ', text),
    touches,
    pointOf: byWholeKey('SELECT [\\w, ]+\\s', text)?.table ?? null,
    returnsId: named || isRefused,
  }
}

export function onConflict({ columns, key }: Replacement): string {
  const others = columns.filter((column) => !key.includes(column))
  const set = others.map((column) => `${column} = excluded.${column}`).join(', ')
  const action = others.length === 0 ? 'NOTHING' : `UPDATE SET ${set}`
  return `ON CONFLICT (${key.join(', ')}) DO ${action}`
}

/** The table from which a statement takes one row, by its whole key. */
function byWholeKey(verb: string, text: string): KeyedTable | null {
  for (const [table, key] of Object.entries(KEYS)) {
    const whole = key.map((column) => `${column} = \\?`).join('\\s+AND ')
    if (new RegExp(`^\\s*${verb}FROM ${table} WHERE ${whole}\\s*$`).test(text)) return { table, key }
  }
  return null
}

function numberParameters(text: string): string {
  let number = 0
  return text.replace(/\?/g, () => `$${++number}`)
}
