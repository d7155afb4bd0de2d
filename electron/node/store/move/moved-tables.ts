/** A table of the store, and the order it is copied in: that of its primary key. */
export interface MovedTable {
  name: string
  columns: readonly string[]
  key: readonly string[]
  /** Its key is a number that the engine gives to new rows. */
  isNumbered?: true
}

const FIGURES = [
  ...['verified', 'pending', 'unauthorised', 'forged', 'bytes', 'equivocations', 'gaps'],
  ...['last_received_at', 'retention_age_ms', 'retention_bytes', 'dropped', 'dropped_before'],
]
const PROVENANCE = [
  ...[
    'previous_timestamp',
    'previous_sequence',
    'verdict',
    'reason',
    'flags',
    'source',
    'received_at',
    'raw',
  ],
]
const MESSAGE_KEY = ['part', 'timestamp', 'sequence', 'publisher', 'chain', 'digest']
const GAP = [
  ...['part', 'publisher', 'chain', 'missing_timestamp', 'missing_sequence'],
  ...['named_by_timestamp', 'named_by_sequence'],
]
const BUCKET_FIGURES = ['bytes', 'verified', 'pending', 'unauthorised', 'forged', 'equivocations', 'gaps']

function table(name: string, key: readonly string[], others: readonly string[]): MovedTable {
  return { name, key, columns: [...key, ...others] }
}

function numbered(name: string, others: readonly string[]): MovedTable {
  return { name, key: ['id'], columns: ['id', ...others], isNumbered: true }
}

/** All tables of the current format, with all their columns; `test/unit/store/moved-tables.test.ts` holds it to that. */
export const MOVED_TABLES: readonly MovedTable[] = [
  numbered('parts', ['name', ...FIGURES]),
  numbered('publishers', ['name']),
  numbered('chains', ['name']),
  numbered('sources', ['name']),
  table('part_publishers', ['part', 'publisher'], []),
  table('messages', MESSAGE_KEY, PROVENANCE),
  table('unproven', [...MESSAGE_KEY, 'copy'], PROVENANCE),
  table('held', [...MESSAGE_KEY, 'copy'], PROVENANCE),
  numbered('refused', ['reason', 'source', 'received_at', 'size_bytes', 'raw']),
  table(
    'chain_states',
    ['part', 'publisher', 'chain'],
    ['first_timestamp', 'first_sequence', 'last_timestamp', 'last_sequence', 'gaps'],
  ),
  table('gaps', GAP, []),
  table('fields', ['part', 'path'], ['slot', 'kind']),
  table('part_buckets', ['part', 'level', 'bucket'], [...BUCKET_FIGURES, 'fingerprint']),
  table('publisher_buckets', ['part', 'publisher', 'level', 'chunk', 'bucket'], ['content']),
  table('drops', ['part', 'from_timestamp'], ['to_timestamp', 'messages', 'bytes']),
  numbered('damages', ['part', 'from_timestamp', 'to_timestamp', 'found_at', 'set_aside']),
  table('content_keys', ['publisher', 'id', 'part'], ['key', 'first_timestamp', 'last_timestamp']),
]
