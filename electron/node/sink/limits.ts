/** Bounds of sinks; stated in docs/LIMITS.md. */

/**
 * Columns that fields of one sink get; further fields go into `tm_rest`. PostgreSQL keeps a row on one page of 8 KiB, and
 * each long value takes 18 bytes of it when it lies outside.
 */
export const MAX_SINK_COLUMNS = 384
/** Longest path of a field that is written, in UTF-16 units; longer ones are counted as left out. */
export const MAX_SINK_PATH_LENGTH = 1_024
/** Longest path that gets a column, in bytes: it is part of a key, which PostgreSQL keeps on a third of a page. */
export const MAX_COLUMN_PATH_BYTES = 1_024
/** Longest text that is written, in UTF-16 units; longer ones are counted as left out. */
export const MAX_SINK_TEXT_LENGTH = 65_536

/** Store and table are compared by buckets of this width; what differs is read whole, ms. A level of the pyramid. */
export const BUCKET_MS = 60_000
/** Days that are the same are not compared further, ms. A level of the pyramid. */
export const DAY_MS = 86_400_000
/** Stretches of time that wait to be looked through; beyond this the nearest two become one. */
export const MAX_SPANS = 64
/** What was touched within so much time is read as it is; a longer stretch is compared first, ms. */
export const MAX_READ_SPAN_MS = 600_000
/** Everything is compared again this often, ms: other nodes may write into the same store. */
export const COMPARE_INTERVAL_MS = 300_000
/** Highest sequence number of a message. */
export const LAST_SEQUENCE = 2_147_483_647

/** What was stored within so much time is written together, ms. */
export const GATHER_MS = 250
/** Waits between attempts while something is in the way; the last is kept, ms. */
export const RETRY_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000]

/** Connections to the database that all sinks share. */
export const MAX_CONNECTIONS = 4
/** How long new columns wait for others to leave the table alone, ms: behind them everybody else waits. */
export const COLUMN_LOCK_TIMEOUT_MS = 2_000
/** Stretches with encrypted rows that are looked for at once when their key has come. */
export const MAX_CLOSED_MINUTES = 1_440
