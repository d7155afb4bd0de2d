/** Bounds of searching and exporting messages. */

/**
 * Messages one page of a search looks through before it answers with what it has found: about a third of a second
 * of the thread that reads contents, so that a search shows its progress and can be left.
 */
export const MAX_SCANNED_MESSAGES = 16_384

/** Newest messages looked at for what they hold that is not indexed: enough that a rare large one among them is met. */
export const UNINDEXED_LOOKS = 16

/** Exports that may be open at once; each holds one page of messages and, for Parquet, one row group. */
export const MAX_OPEN_EXPORTS = 4

/** An export whose download does not begin within this time is forgotten, ms. */
export const EXPORT_CLAIM_MS = 60_000

/** Exports that have ended and can still be asked for their outcome. */
export const KEPT_EXPORTS = 16

/** Rows of one row group of a Parquet file, and characters of text it may hold before it is closed early. */
export const ROW_GROUP_ROWS = 16_384
export const ROW_GROUP_CHARACTERS = 16_777_216
