/** Pairs of stream and publisher that wait to be asked of the chain; more come again with their messages. */
export const MAX_WANTED_BASELINES = 10_000

/** A hosted index that has not answered by then counts as down, ms. */
export const HOSTED_DEADLINE_MS = 8_000
/** One that failed is left alone this long, and the node’s own index answers, ms. */
export const HOSTED_COOL_DOWN_MS = 30_000
/** Largest answer that is read: a page of a thousand streams with metadata. */
export const MAX_HOSTED_ANSWER_BYTES = 8 * 1_048_576
/** Blocks a hosted index may be behind the chain before it counts as down: some ten minutes of Polygon. */
export const MAX_HOSTED_LAG_BLOCKS = 300
/** How often it is asked how far it is, ms. */
export const HOSTED_META_INTERVAL_MS = 60_000

/** Streams followed on a chain that is not indexed whole: subscribed and assigned ones. */
export const MAX_FOLLOWED_STREAMS = 2_000
/** How often the hosted index is asked for the storage nodes of a followed stream, ms, and how soon after it failed. */
export const FOLLOW_INTERVAL_MS = 600_000
export const FOLLOW_RETRY_MS = 5_000
