/** Bounds of the store. */

/**
 * A message may be this far ahead of the moment it was received (ms): clocks of honest machines differ by seconds,
 * a phone without time service by minutes. What is further ahead is held back until its time has come, so that
 * one wrong clock cannot move "latest", retention or live views.
 */
export const MAX_FUTURE_MS = 300_000

/**
 * Most messages and raw bytes one transaction takes from the queue. A transaction of this size takes about 100 ms;
 * past it the cost of the sync is already spread thin and waiting only makes the acknowledgement later.
 */
export const MAX_TRANSACTION_MESSAGES = 8_192
export const MAX_TRANSACTION_BYTES = 8_388_608

/**
 * While several batches wait at a time, the next transaction begins so many times later as the last one took, at the
 * latest after this long (ms), or as soon as so many bytes of batches wait, some 4,000 messages, or when none has come
 * for a while (ms): larger transactions write fewer pages a message. Nobody sees a tenth of a second.
 */
export const GATHER_FACTOR = 3
export const MAX_GATHER_MS = 150
export const MAX_QUIET_MS = 30
export const ENOUGH_WAITING_BYTES = 2_097_152

/**
 * Messages in one page of a query, and raw bytes it may hold before it ends early: large enough that the hop
 * between threads does not count, small enough that a consumer holds little.
 */
export const PAGE_MESSAGES = 2_048
export const PAGE_BYTES = 4_194_304

/** Rows one page may read through in search of messages that a filter lets pass; about 50 ms of a reader. */
export const PAGE_SCANNED_ROWS = 50_000

/**
 * Raw bytes that are framed for a resend at once, as far as the pyramid can tell, and the most rows that are; where
 * it cannot, a window of fewer is tried.
 */
export const FRAMED_BYTES = 524_288
export const FRAMED_ROWS = 16_384

/**
 * Forged messages kept per stream part, as evidence. Anybody can make them at no cost, so they are bounded; when
 * the bound is passed the oldest received go first.
 */
export const MAX_FORGED_PER_PART = 10_000

/**
 * Undecided messages (their signature could not be checked yet) kept per stream part: a day of one message a
 * second. Further ones are refused, so that a flood cannot push out what waits for its decision.
 */
export const MAX_UNDECIDED_PER_PART = 100_000

/**
 * Unauthorised messages kept per stream part. Anybody with a key can sign them, so they are bounded; further ones
 * are refused.
 */
export const MAX_UNAUTHORISED_PER_PART = 100_000

/** Messages with a clock out of bounds that are counted for each stream part: beyond it the number says no more. */
export const MAX_COUNTED_CLOCKS = 10_000

/** Messages held back because their timestamps lie in the future, per stream part. Further ones are refused. */
export const MAX_HELD_PER_PART = 10_000

/** Undecodable messages kept, in all, and the raw bytes kept of each: enough to see what came. Oldest go first. */
export const MAX_REFUSED_MESSAGES = 10_000
export const MAX_REFUSED_BYTES = 65_536

/** Fields that are listed as not indexed, per stream part. Beyond it they are not even listed. */
export const MAX_UNINDEXED_FIELDS = 1_024

/** Characters of a text state that are kept in the pyramid; longer texts are prose, not states. */
export const MAX_STATE_LENGTH = 256

/** Names (publishers, chains, sources) the writer keeps in memory; the cache is emptied beyond it. */
export const MAX_CACHED_NAMES = 50_000

/**
 * Memory for the newest buckets and chain heads of publishers in the writer. Beyond it they are forgotten and
 * read again from disk.
 */
export const MAX_CACHED_BYTES = 67_108_864

/** Open gaps of one chain the writer keeps in memory; where there are more, the table is asked. */
export const MAX_KNOWN_GAPS = 16

/** Rows of the pyramid read at once before a flush; a hostile part can make 26 KB of each. */
export const MAX_EXPECTED_ROWS = 2_048

/** Rows of the pyramid one chart or timeline reads; about 20 ms of a reader. */
export const MAX_WINDOW_ROWS = 10_000

/** Messages a chart reads one by one when its window is narrow. Their content is parsed, about 10 us each. */
export const MAX_RAW_POINTS = 2_048

/** Series (publisher and field) in one chart. A chart of more is not legible, and its answer would be megabytes. */
export const MAX_CHART_SERIES = 512

/** Widest plot, in device pixels. */
export const MAX_WIDTH_PX = 16_384

/** Group keys that messages of one publisher on one part name and nobody has given yet; messages may invent them. */
export const MAX_UNKNOWN_KEYS = 100
/** Group keys a connection keeps in memory. */
export const MAX_CACHED_KEYS = 10_000

/** Rows of the pyramid read for a view of a fleet: a thousand publishers at thirty buckets with two chunks of fields. */
export const MAX_FLEET_ROWS = 60_000
/** Newest messages of each publisher whose times tell how often it speaks. */
export const FLEET_NEWEST_MESSAGES = 16

/** Bytes of verified messages that wait on this machine's disk for a database server: hours at a thousand a second. */
export const MAX_SPOOL_BYTES = 4_294_967_296
/** Bytes of the spool that one transaction takes to the database: far less than the writer has time for. */
export const SPOOL_SLICE_BYTES = 1_048_576
/** How long the writer waits for an answer of a database server before messages go to the spool, ms. */
export const WRITER_ANSWER_MS = 15_000
/** How long one statement that changes the format of a database may take, ms: it goes through all messages. */
export const MIGRATION_STATEMENT_MS = 3_600_000
/** The same, and for every other thread, from the moment the node ends, ms: it has five seconds in all. */
export const STOPPING_ANSWER_MS = 1_000
/** Waits between looks whether the database is there again, ms: doubled from the first to the last. */
export const FIRST_LOOK_MS = 500
export const LAST_LOOK_MS = 10_000
