/** Bounds of the local log; stated in docs/LIMITS.md. */

/** Journal and store are compared by buckets of this width; what differs is read whole, ms. A level of the pyramid. */
export const BUCKET_MS = 60_000
/** Days that are the same are not compared further, ms. A level of the pyramid. */
export const DAY_MS = 86_400_000

/** Stretches of time that wait to be looked through; beyond this the nearest two become one. */
export const MAX_SPANS = 64

/** Messages read and not wanted before the reader leaps to the next that is. */
export const MAX_PASSED_OVER = 512

/** Highest sequence number of a message. */
export const LAST_SEQUENCE = 2_147_483_647
