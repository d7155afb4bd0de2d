/**
 * Layout of a verified batch: many verified messages as columns in one `ArrayBuffer`, so that a batch crosses
 * threads by transfer and is read without an object or a string per message. Little-endian, as typed arrays are
 * on every platform Tidemark runs on; the buffer never leaves the process.
 *
 * Order of the sections: header, 8-byte columns, 4-byte columns, dictionary ends, digests (aligned to 4 bytes,
 * so that they can be summed as words), 1-byte columns, dictionary text (UTF-8), raw bytes of messages, raw
 * bytes of refused messages.
 */

/** First word of a batch, `TMVB`. */
export const BATCH_MAGIC = 0x42564d54
export const BATCH_VERSION = 1
export const DIGEST_BYTES = 32

/**
 * Most messages in one batch. A batch is handed over every few milliseconds; more than this means a producer
 * that does not flush.
 */
export const MAX_BATCH_MESSAGES = 65_536

/** Kind of a field value; the value column holds the number, 0 or 1, or the index of the text. */
export const FIELD_NUMBER = 0
export const FIELD_BOOLEAN = 1
export const FIELD_TEXT = 2

/** Bits of the `flags` column. */
export const FLAG_ENCRYPTED = 1

/** Strings that repeat are kept once per batch, in these dictionaries, and named by index in the columns. */
export const DICTIONARIES = ['parts', 'publishers', 'chains', 'paths', 'sources', 'texts', 'reasons'] as const
export type DictionaryName = (typeof DICTIONARIES)[number]

/** What the header says, in the order of its 32-bit words. */
export interface BatchCounts {
  messages: number
  fields: number
  refused: number
  rawBytes: number
  refusedBytes: number
  textBytes: number
  dictionaries: readonly number[]
}

/** Even, so that the 8-byte columns behind the header are aligned. */
export const HEADER_WORDS = 10 + DICTIONARIES.length + 1
const HEADER_BYTES = HEADER_WORDS * 4

/** Byte offsets of every section for the given counts. */
export interface BatchLayout {
  timestamps: number
  previousTimestamps: number
  receivedAts: number
  fieldValues: number
  refusedAts: number
  sequences: number
  previousSequences: number
  parts: number
  publishers: number
  chains: number
  sources: number
  rawEnds: number
  fieldEnds: number
  fieldPaths: number
  refusedReasons: number
  refusedSources: number
  refusedEnds: number
  dictionaryEnds: readonly number[]
  digests: number
  verdicts: number
  reasons: number
  flags: number
  fieldKinds: number
  text: number
  raw: number
  refusedRaw: number
  totalBytes: number
}

export function layOutBatch(counts: BatchCounts): BatchLayout {
  let at = HEADER_BYTES
  const section = (items: number, itemBytes: number): number => {
    const start = at
    at += items * itemBytes
    return start
  }
  const { messages: n, fields: f, refused: r } = counts
  return {
    timestamps: section(n, 8),
    previousTimestamps: section(n, 8),
    receivedAts: section(n, 8),
    fieldValues: section(f, 8),
    refusedAts: section(r, 8),
    sequences: section(n, 4),
    previousSequences: section(n, 4),
    parts: section(n, 4),
    publishers: section(n, 4),
    chains: section(n, 4),
    sources: section(n, 4),
    rawEnds: section(n, 4),
    fieldEnds: section(n, 4),
    fieldPaths: section(f, 4),
    refusedReasons: section(r, 4),
    refusedSources: section(r, 4),
    refusedEnds: section(r, 4),
    dictionaryEnds: counts.dictionaries.map((entries) => section(entries, 4)),
    digests: section(n, DIGEST_BYTES),
    verdicts: section(n, 1),
    reasons: section(n, 1),
    flags: section(n, 1),
    fieldKinds: section(f, 1),
    text: section(counts.textBytes, 1),
    raw: section(counts.rawBytes, 1),
    refusedRaw: section(counts.refusedBytes, 1),
    totalBytes: at,
  }
}
