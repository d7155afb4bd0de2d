/** Bounds on the endpoints that are measured. They are somebody else's software and may do anything. */

/** An endpoint that has not answered by then counts as hanging; the next sample asks again. */
export const ENDPOINT_DEADLINE_MS = 3_000
/** A block with 20,000 transactions lists them in 1.4 MB, a commit of 300 validators has 90 KB. */
export const MAX_RPC_ANSWER_BYTES = 2 * 1024 * 1024
/** What an endpoint does not offer is asked for again this seldom: it may have been updated. */
export const UNSUPPORTED_FOR_MS = 10 * 60_000
/** The version of a node changes with its restart. */
export const VERSION_EVERY_MS = 5 * 60_000
/** Longest text of an endpoint that is published; longer ones are no state of the store either. */
export const MAX_TEXT_LENGTH = 128

/** Commits of a CometBFT chain that one sample looks at; heights beyond are told as not looked at. */
export const MAX_COMMITS_PER_SAMPLE = 20
/** Pages of 100 validators that are read to find one. */
export const MAX_VALIDATOR_PAGES = 5
/** Voting power moves with delegations, not with blocks. */
export const VALIDATORS_EVERY_MS = 60_000

/** A node_exporter answers with 150 KB, a busy geth with 1 MB. */
export const MAX_EXPOSITION_BYTES = 8 * 1024 * 1024
export const MAX_EXPOSITION_LINES = 200_000
export const MAX_EXPOSITION_LINE_LENGTH = 16_384
export const MAX_LABELS = 64
/** Metrics of one sample: a stream part indexes 256 fields, which other sources share. */
export const MAX_PICKED_METRICS = 128

/** A datagram of SNTP has 48 bytes and may carry extensions; more is none. */
export const MAX_SNTP_BYTES = 1_024
