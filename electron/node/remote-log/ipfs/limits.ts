/** Bounds of the two protocols by which Tidemark's nodes hand blocks of logs to each other beside Bitswap. */

/** Pages in one answer to a walk. */
export const MAX_WALK_PAGES = 512
/** Addresses in one request for blocks. */
export const MAX_WANTED_BLOCKS = 256
/** Bytes of one answer, of either protocol; one block more is sent whatever its size. */
export const MAX_ANSWER_BYTES = 2_097_152
/** Answers given to one peer at a time, by each protocol. */
export const MAX_ANSWERS_AT_A_TIME = 4
/** How long answering may take, ms. */
export const ANSWER_TIMEOUT_MS = 15_000
/** Peers asked before blocks are left to Bitswap. */
export const MAX_PEERS_ASKED = 3
/** How long a peer may be silent while it is asked for blocks, ms. */
export const MAX_SILENCE_MS = 5_000
/** How long all peers together may take over one request for blocks, ms; Bitswap has the rest of a read's time. */
export const REQUEST_TIMEOUT_MS = 10_000
/** Requests for blocks under way: the next gathers what is wanted meanwhile. */
export const MAX_REQUESTS = 2
/** How long a peer that was silent, or handed out something else, is left alone, ms. */
export const AVOID_FAILED_PEER_MS = 60_000
