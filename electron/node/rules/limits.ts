/** How long a message may be on its way, ms: messages of this age are judged together, later ones by their publisher's order. */
export const LATENESS_MS = 5_000

/** How often rules are judged, ms, and the grid of message time on which everything that is due is looked at. */
export const JUDGE_INTERVAL_MS = 1_000
export const GRID_MS = 1_000

/** The median of a fleet is taken this often in message time. */
export const MEDIAN_INTERVAL_MS = 10_000
/** A value counts in it for three of its publisher's usual pauses, but for so long at least; while they are not known, for so long. */
export const MIN_STALE_VALUE_MS = 30_000
export const STALE_VALUE_MS = 300_000

/** Publishers one stream part's rules keep apart; more are not told apart and are counted. */
export const MAX_TRACKED_PUBLISHERS = 10_000

/** What rules remember of one stream part: rules times publishers. */
export const MAX_REMEMBERED = 500_000

/** Message chains of one publisher whose ends are remembered. */
export const MAX_TRACKED_CHAINS = 16

/** Slices of a sliding window. */
export const WINDOW_SLICES = 12

/** Alerts one rule has open at once: a rule that matches everything is one finding, not ten thousand. */
export const MAX_OPEN_PER_RULE = 1_000

/** Content that is judged by a JSON Schema, bytes, and the nesting it may have. */
export const MAX_JUDGED_BYTES = 32_768

/** Times without a look at the data: longer than this between two rounds and nobody was watching, ms. */
export const BLIND_AFTER_MS = 15_000
/** It is noted on disk at least this often that somebody watches, ms: well within `BLIND_AFTER_MS`. */
export const WATCH_MARK_INTERVAL_MS = 5_000
/** After such a time nobody counts as silent before this much has gone by, ms: the network has to be joined again. */
export const SETTLE_MS = 30_000
/** A clock that goes back by more than this has been set; less is waited out, ms. */
export const CLOCK_STEP_MS = 60_000

/** How far back rules go on after a stop, ms; what lies before is passed over as not watched. */
export const MAX_CATCH_UP_MS = 86_400_000

/** Messages of one page that is judged at once, between looks at other work. */
export const PAGE_MESSAGES = 2_000
/** Messages looked through for late ones in one round; the rest waits for the next. */
export const MAX_LATE_MESSAGES = 4_000
/** Stretches with late messages that wait to be looked through; what overlaps is one. */
export const MAX_LATE_STRETCHES = 1_000

/** What is known is put on disk at least this often, ms; more rarely where it is large. */
export const CHECKPOINT_INTERVAL_MS = 30_000
export const CHECKPOINT_BYTES_PER_SECOND = 16_384

/** Resolved alerts kept, and for how long, ms. */
export const MAX_KEPT_ALERTS = 20_000
export const KEEP_ALERTS_MS = 180 * 86_400_000

/** A preview over history ends after this many messages, or this long, ms; it says so. */
export const MAX_PREVIEW_MESSAGES = 5_000_000
export const MAX_PREVIEW_MS = 60_000
/** Alerts of a preview that are listed; all are counted. */
export const MAX_PREVIEW_ALERTS = 200

/** Previews at the same time. */
export const MAX_PREVIEWS = 2
