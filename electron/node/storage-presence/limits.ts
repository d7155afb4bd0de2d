/**
 * Stream parts a node joins because they were assigned to it. Any owner of a stream can assign it to any node, so
 * without a bound a stranger could have a node join without end. The operator may set another.
 */
export const DEFAULT_MAX_PARTS = 1_000

/** Partitions of one stream; the registry's contract bounds nothing, Streamr's clients accept 1 to 100. */
export const MAX_PARTITIONS = 100

/** How often assignments are read anew, ms, besides on every event. */
export const POLL_INTERVAL_MS = 60_000

/** Events come in bursts, a block at a time; they are answered by one reading, ms after the first. */
export const CHANGE_DELAY_MS = 50

/** A registry that takes longer than this to list the assignments counts as not answering, ms. */
export const READ_DEADLINE_MS = 60_000

/** Joining a part needs the overlay network, ms. */
export const JOIN_DEADLINE_MS = 30_000

/** A part counts as joined without neighbours after this, ms: it may be that nobody is there. */
export const NEIGHBOUR_WAIT_MS = 5_000
export const NEIGHBOUR_CHECK_MS = 50

/**
 * Parts that are joined at the same time. A client that assigned a stream waits 30 s for all of its partitions, of
 * which there are 100 at most: they must not wait for each other's neighbours.
 */
export const MAX_CONCURRENT_JOINS = 100

/** Waits before a failed join or announcement is tried again, ms; the last one repeats. */
export const RETRY_DELAYS_MS: readonly number[] = [1_000, 5_000, 15_000, 60_000, 300_000]

/** URLs and multiaddrs a registration may carry, and their length: metadata costs gas by the byte. */
export const MAX_ADDRESSES = 16
export const MAX_ADDRESS_LENGTH = 512
