/** How often new messages are looked at, ms: opened content follows its message within about this time. */
export const LOOK_INTERVAL_MS = 500

/** How long a part whose newest message was plain is taken for plain, ms. */
export const PLAIN_FOR_MS = 5_000

/** Waits before a publisher is asked for a key again, ms; the last one repeats, since publishers come back. */
export const RETRY_DELAYS_MS: readonly number[] = [15_000, 60_000, 300_000, 1_800_000]

/** A publisher that is heard of again is asked at once, but not more often than this, ms. */
export const ASK_AGAIN_MS = 15_000

/** How long the answer to whether this node may subscribe holds, ms; changes in the registry are told besides. */
export const PERMISSION_HOLDS_MS = 600_000

/** Publishers asked at the same time: each question waits up to half a minute. */
export const MAX_CONCURRENT_QUESTIONS = 8

/** Missing keys kept track of: of one publisher the store remembers a hundred at most. */
export const MAX_MISSING_KEYS = 10_000

/** Messages whose content is opened in one transaction. */
export const MAX_OPENED_AT_ONCE = 2_048
