/**
 * Bounds of MVDS between paired nodes. Paired nodes belong to one user, but the one at the other end may be broken
 * or taken over, so what it can make this one keep is bounded as well.
 */

/** Longest epoch there is any use in; the transport beats time. */
export const EPOCH_MS = 500

/** Ids of one kind in one payload. */
export const MAX_IDS_PER_PAYLOAD = 4_096

/** Largest payload in bytes: the largest message fits, and reading one costs no more memory than this. */
export const MAX_PAYLOAD_BYTES = 4_194_304
/** Messages go into a payload until they have this many bytes; the rest waits for the next epoch. */
export const PAYLOAD_MESSAGES_BYTES = 2_097_152

/** Records of messages on their way to one peer; more of the log is taken up as these are acknowledged. */
export const OUTGOING_WINDOW = 8_192
/** Records of messages asked from one peer; its further offers are left for when it repeats them. */
export const REQUEST_WINDOW = 8_192

/** A message sent so often without an answer is offered again instead: an offer costs 36 bytes. */
export const MAX_MESSAGE_SENDS = 6

/** Messages of which it is remembered that they were not wanted, so that they are not asked for again. */
export const MAX_REFUSED_IDS = 65_536

/** Paired nodes: a user's own machines. */
export const MAX_PEERS = 64
