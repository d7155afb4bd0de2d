/** Bounds of the verifier pool, with their reasons. */

/**
 * Most messages and bytes in one batch to a worker. A worker needs about 25 ms for 512 messages: long enough that
 * the hop between threads and the commit cost little, short enough that a permission that has changed takes effect
 * at once.
 */
export const MAX_BATCH_MESSAGES = 512
export const MAX_BATCH_BYTES = 2_097_152

/** Most signatures checked at once, those of one batch: the tables of the WebAssembly module have this size. */
export const MAX_CHECKED_TOGETHER = 512

/** Longest a live message waits for others to share its batch, ms: below what anybody sees on a chart. */
export const MAX_BATCH_DELAY_MS = 5

/**
 * Batches one worker holds: one it works on, one that waits so that it never idles, and those of two transactions of
 * the store: one on its way to disk, which takes a database server a while, and one that is being gathered.
 */
export const MAX_BATCHES_PER_WORKER = 16

/** Messages and bytes taken and not yet on disk. Beyond either, sources are told to wait. */
export const MAX_UNSTORED_MESSAGES = 32_768
export const MAX_UNSTORED_BYTES = 67_108_864

/** Raw bytes kept of what could not become a message: enough to see what it was. */
export const MAX_REFUSED_EXCERPT_BYTES = 4_096

/** Longest wait for the registry or a contract before a message is stored as pending, ms. */
export const QUESTION_DEADLINE_MS = 10_000

/** Questions about one batch; more publishers than this in one batch are a flood, and the rest stays pending. */
export const MAX_QUESTIONS_PER_BATCH = 512

/** (stream, publisher) pairs whose permission each worker remembers, and spans of time for each. */
export const MAX_CACHED_PERMISSIONS = 16_384
export const MAX_CACHED_SPANS = 32

/** Wait before a worker that died is started again, ms: a worker that dies at its start must not spin. */
export const RESTART_DELAY_MS = 250

/** First and longest wait before a batch that the store refused is sent again, ms; doubled in between. */
export const RETRY_FIRST_DELAY_MS = 500
export const RETRY_LAST_DELAY_MS = 30_000

/** Longest `stop` waits for what was taken to reach the disk, ms; the whole node has five seconds to end. */
export const STOP_DEADLINE_MS = 2_500

/** Longest wait for a worker to finish the batches it has and end, ms. */
export const END_DEADLINE_MS = 1_500

/** Verified messages of the range that a proof is read from: a million take about four seconds to hash. */
export const MAX_RANGE_LEAVES = 5_000_000

/** Changes of verdicts kept in memory, about 500 bytes each, and bytes of each of the two files they are kept in. */
export const MAX_KEPT_CHANGES = 10_000
export const MAX_HISTORY_FILE_BYTES = 8_388_608
