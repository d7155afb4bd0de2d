/** Bounds of the logs this node publishes and reads; stated in docs/LIMITS.md. */

/** Logs published, and logs read. */
export const MAX_LOGS = 1_000

/** A name is moved at most this often where that is cheap, ms: what comes in between goes together. */
export const PUBLISH_INTERVAL_MS = 1_000
/** The same where every move goes through the network, ms. */
export const SLOW_PUBLISH_INTERVAL_MS = 15_000

/** Waits after a publishing that failed, ms: the first, doubled up to the last. */
export const FIRST_RETRY_MS = 5_000
export const LAST_RETRY_MS = 300_000

/** A followed name is asked for news this often, ms. */
export const FOLLOW_INTERVAL_MS = 10_000

/** Names of logs that are read are handed to the network again this long after the start, ms: some nodes run for minutes. */
export const FIRST_CARRY_MS = 60_000
/** And then this often, ms; records fade after two days. */
export const CARRY_INTERVAL_MS = 21_600_000

/** Figures of a log that is being read are counted at most this often, ms: counting millions takes its time. */
export const FIGURES_INTERVAL_MS = 2_000

/** Findings of one log handed out in a list, newest first. */
export const MAX_SHOWN_FINDINGS = 50
