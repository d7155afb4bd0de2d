/** Bounds of the protocols by which Tidemark's nodes hand blocks and names of logs to each other beside Bitswap and Kademlia. */

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

/** Bytes of a name's routing key: `/ipns/` and a multihash, of which those of public keys are the longest, 42. */
export const MAX_NAME_KEY_BYTES = 64
/** Bytes of a name's record; IPNS has no longer ones. */
export const MAX_RECORD_BYTES = 10_240
/** How long the network's table is asked for a name, ms: connected peers are asked as well, and there are more tries. */
export const NAME_LOOKUP_TIMEOUT_MS = 8_000
/**
 * How long a node that has just connected may take to show that it answers, ms. It is asked once, and left out of the
 * table of neighbours for as long as the connection lasts when it is late; nodes that start are busy for seconds.
 */
export const NEW_NEIGHBOUR_TIMEOUT_MS = 60_000
