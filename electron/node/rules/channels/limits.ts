/** Alerts of one rule that come within this time are told together, ms. */
export const GROUP_WAIT_MS = 5_000
/** Alerts that one notice lists; all are counted. */
export const MAX_LISTED_ALERTS = 10
/** Alerts looked at for notices in one round. */
export const MAX_UNTOLD = 2_000
/** Notices that wait for one channel. */
export const MAX_WAITING = 200
/** Settled deliveries kept for looking at, and shown at once. */
export const MAX_KEPT_DELIVERIES = 500
export const MAX_SHOWN_DELIVERIES = 50

/** One delivery, from the connection to the answer, ms. */
export const DELIVERY_DEADLINE_MS = 10_000
/** Waits before a delivery is tried again, ms; doubled from the first to the last. */
export const FIRST_RETRY_MS = 5_000
export const LAST_RETRY_MS = 900_000
/** Tries of one delivery, over about three hours. */
export const MAX_ATTEMPTS = 20

/** What is read of a receiver's answer, bytes; only its status counts. */
export const MAX_ANSWER_BYTES = 16_384
/** What a template may give, in UTF-16 units. */
export const MAX_BODY_LENGTH = 65_536
