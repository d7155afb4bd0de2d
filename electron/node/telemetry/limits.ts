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

/** A test of a source: two looks with a pause between, for what is a rate. */
export const TRIAL_DEADLINE_MS = 10_000
export const TRIAL_PAUSE_MS = 1_500

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

/** One measurement in the outbox: content beyond 256 KiB would not be read for fields by anybody. */
export const MAX_OUTBOX_ENTRY_BYTES = 256 * 1024
/** Messages published in one go, and the pause after them: a long outage ends at a bearable 250 a second. */
export const DELIVERY_BURST = 64
export const DELIVERY_PAUSE_MS = 250
export const DELIVERY_TICK_MS = 1_000
/** A publish that has not ended by then is tried again; the chain may be asked for permission first. */
export const DELIVERY_DEADLINE_MS = 30_000
export const DELIVERY_FIRST_BACK_OFF_MS = 1_000
export const DELIVERY_LONGEST_BACK_OFF_MS = 30_000
/**
 * A message counts as delivered when there still were neighbours this long after it was sent: a connection that is
 * cut shows within about ten seconds.
 */
export const DELIVERY_SETTLE_MS = 15_000
