/** A message may overtake its predecessor on the network; what is missing this long after it was named is a gap, ms. */
export const GRACE_MS = 5_000

/** Waits before a gap is asked for again, ms. After the last of them it is given up. */
export const RETRY_DELAYS_MS: readonly number[] = [10_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000]

/** How often the store is asked for gaps of parts in which something arrived, ms, and of all watched parts. */
export const SCAN_INTERVAL_MS = 1_000
export const FULL_SCAN_INTERVAL_MS = 60_000

/** Gaps kept track of for one part: a publisher can invent as many as it signs messages. */
export const MAX_GAPS_PER_PART = 1_000

/** Stretches that are asked for at the same time: enough to use the line, few enough not to burden other nodes. */
export const MAX_CONCURRENT_FILLS = 4

/** Gaps of one chain that lie closer than this are asked for in one request, ms. */
export const JOIN_GAPS_WITHIN_MS = 60_000

/** Storage nodes asked for one stretch, and URLs tried of one. */
export const MAX_NODES = 16
export const MAX_URLS_PER_NODE = 4

/** Bounds of one answer: beyond them the rest is asked for anew, from where it ended. */
export const MAX_ANSWER_BYTES = 64 * 1_048_576
export const MAX_ANSWER_MS = 600_000

/** A node that sends nothing for this long counts as not answering, ms. */
export const SILENCE_DEADLINE_MS = 15_000

/** Messages verified and stored together while an answer streams in. */
export const MAX_BATCH_MESSAGES = 2_048
export const MAX_BATCH_BYTES = 4 * 1_048_576

/** Newest messages looked through for the newest one of an earlier run. */
export const MAX_CATCH_UP_LOOK_BACK = 10_000
