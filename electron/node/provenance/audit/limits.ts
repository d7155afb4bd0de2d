/** Bounds of audits, with their reasons. */

/** Publishers whose verified messages are counted one by one; about 300 bytes each. */
export const MAX_PUBLISHERS = 10_000

/** Chains that are followed; a publisher's client begins one at each start. About 300 bytes each. */
export const MAX_CHAINS = 50_000

/** Raw bytes of examples in one report, and of one example: enough for thousands of common messages. */
export const MAX_EVIDENCE_BYTES = 8_388_608
export const MAX_EXAMPLE_BYTES = 65_536

/** Audits kept in the data folder, finished ones among them; the oldest finished ones go first. */
export const MAX_AUDITS = 100

/** Audits that run at once; each keeps the verifier as busy as one can. */
export const MAX_RUNNING_AUDITS = 2

/** Pages of messages that are with the verifier while the next is read: two keep all workers busy. */
export const PAGES_IN_FLIGHT = 2

/** Wait between two saves of an audit's progress, ms, and how many times longer than a save took it is at least. */
export const SAVE_INTERVAL_MS = 2_000
export const SAVE_INTERVAL_FACTOR = 20

/** Largest file of a saved audit, bytes: all tables full, with their examples. */
export const MAX_SAVED_BYTES = 134_217_728

/** Stretches of the timeline that are asked for what a range holds and what retention removed from it. */
export const MAX_TIMELINE_BUCKETS = 2_048

/** Messages held back for their future times that are looked at. */
export const MAX_HELD_SHOWN = 10_000

/** Contents that one audit checks against the stream's schema, and how many in one turn of the event loop: each takes some tens of microseconds. */
export const MAX_SCHEMA_CHECKS = 200_000
export const SCHEMA_CHECKS_AT_ONCE = 100
