/**
 * Bounds of what a remote log may consist of. Everything a name leads to was written by somebody else, so each
 * is checked before the bytes it bounds are decoded or kept.
 */

/**
 * Largest block in bytes: a page, a head, or one uploaded message. Room for Streamr's largest message (1 MiB)
 * with its wrapping, below the 2 MiB that one Bitswap message carries.
 */
export const MAX_BLOCK_BYTES = 1_572_864

/** Most pairs on one page; a mapped page of as many weighs 300 KB. */
export const MAX_PAIRS_PER_PAGE = 4_096

/** A page with embedded messages is closed when it reaches this size, so that readers show something soon. */
export const PAGE_TARGET_BYTES = 524_288

/** Multiaddrs a head may name; more would be a way to make readers dial around. */
export const MAX_CAS_HINTS = 16

/** Longest binary multiaddr, bytes. */
export const MAX_MULTIADDR_BYTES = 1_024

/** Longest name of a log, in UTF-8 bytes; an IPNS name has 62. */
export const MAX_NAME_BYTES = 512
